import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesize.js';
import { installChecker } from './pypi.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-templates-'));
let cfnLint: string;

beforeAll(async () => {
  cfnLint = await installChecker('cfn-lint');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(readdirSync('examples').filter((name) => name.endsWith('.yaml')))(
  'the templates of %s',
  (name) => {
    it.each(['bootstrap', 'deployment'] as const)(
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
