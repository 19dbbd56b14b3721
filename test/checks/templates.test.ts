import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesis.js';
import { paths } from '../../src/rehearsal/paths.js';

const CFN_LINT = '1.58.0';
const folder = mkdtempSync(join(tmpdir(), 'convoke-templates-'));
let cfnLint: string;

/** cfn-lint at its pinned version, in a Python environment of its own in the cache. */
async function installCfnLint(): Promise<string> {
  const { cache } = paths();
  const home = join(cache, `cfn-lint-${CFN_LINT}`);
  if (!existsSync(home)) {
    const draft = `${home}.${process.pid}`;
    await mkdir(cache, { recursive: true });
    try {
      await execa('python3', ['-m', 'venv', draft]);
      await execa(join(draft, 'bin/python'), ['-m', 'pip', 'install', '--quiet', `cfn-lint==${CFN_LINT}`]);
      await rename(draft, home);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return home;
}

beforeAll(async () => {
  cfnLint = await installCfnLint();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(readdirSync('examples').filter((name) => name.endsWith('.yaml')))(
  'the templates of %s',
  (name) => {
    it.each(['toolkit', 'deployment'] as const)(
      '%s passes cfn-lint without an error or a warning',
      async (which) => {
        const deployment = loadDeployment(join('examples', name));
        const file = join(folder, `${which}.json`);
        writeFileSync(file, JSON.stringify(templates(deployment)[which]));
        const { exitCode, all } = await execa(
          join(cfnLint, 'bin/python'),
          [join(cfnLint, 'bin/cfn-lint'), '--regions', deployment.region, '--template', file],
          { reject: false, all: true },
        );
        expect(exitCode, all).toBe(0);
      },
    );
  },
);
