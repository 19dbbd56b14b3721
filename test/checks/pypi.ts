import { join } from 'node:path';
import { execa } from 'execa';
import { cachedFolder } from '../../src/rehearsal/cached-folder.js';
import { paths } from '../../src/rehearsal/paths.js';

/** Checkers of templates and of Python, at pinned versions. */
const VERSIONS = { 'cfn-lint': '1.58.0', checkov: '3.3.30', mypy: '2.4.1', ruff: '0.17.6' } as const;

/** Installs a checker at its pinned version, in a separate Python environment in the cache. Returns the environment's folder. */
export async function installChecker(name: keyof typeof VERSIONS): Promise<string> {
  const version = VERSIONS[name];
  return cachedFolder(join(paths().cache, `${name}-${version}`), async (draft) => {
    await execa('python3', ['-m', 'venv', draft]);
    // Python compiles what a checker imports; compiling all that it brings takes longer than the check.
    const options = ['--quiet', '--no-compile'];
    await execa(join(draft, 'bin/python'), ['-m', 'pip', 'install', ...options, `${name}==${version}`]);
  });
}
