import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { paths } from '../../src/rehearsal/paths.js';

const CFN_LINT = '1.58.0';

/** cfn-lint at its pinned version, in a Python environment of its own in the cache. */
export async function installCfnLint(): Promise<string> {
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
