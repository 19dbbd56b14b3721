import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { paths } from '../../src/rehearsal/paths.js';

/** Checkers of templates and of Python, at pinned versions. */
const VERSIONS = { 'cfn-lint': '1.58.0', checkov: '3.3.30', mypy: '2.4.1', ruff: '0.17.6' } as const;

/** Installs a checker at its pinned version, in a separate Python environment in the cache. Returns the environment's folder. */
export async function installChecker(name: keyof typeof VERSIONS): Promise<string> {
  const { cache } = paths();
  const version = VERSIONS[name];
  const home = join(cache, `${name}-${version}`);
  if (!existsSync(home)) {
    const draft = `${home}.${process.pid}`;
    await mkdir(cache, { recursive: true });
    try {
      await execa('python3', ['-m', 'venv', draft]);
      // Python compiles what a checker imports; compiling all that it brings takes longer than the check.
      const options = ['--quiet', '--no-compile'];
      await execa(join(draft, 'bin/python'), ['-m', 'pip', 'install', ...options, `${name}==${version}`]);
      await rename(draft, home).catch((error: unknown) => {
        // Another test file may have installed it first.
        if (!existsSync(home)) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return home;
}
