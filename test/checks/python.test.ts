import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { emulatorPython, installEmulator } from '../../src/rehearsal/emulator-install.js';
import { paths } from '../../src/rehearsal/paths.js';
import { installChecker } from './pypi.js';

// pyproject.toml has the rules.
describe('the emulator extension', () => {
  it('is linted', async () => {
    const ruff = join(await installChecker('ruff'), 'bin/ruff');
    const { exitCode, all } = await execa(ruff, ['check', '--no-cache'], { reject: false, all: true });
    expect(exitCode, all).toBe(0);
  });

  it('type-checks, against the packages that it runs with', async () => {
    const { cache } = paths();
    await installEmulator(cache);
    const python = join(await installChecker('mypy'), 'bin/python');
    const options = ['-m', 'mypy', '--python-executable', emulatorPython(cache), '--cache-dir', '/dev/null'];
    const { exitCode, all } = await execa(python, options, { reject: false, all: true });
    expect(exitCode, all).toBe(0);
  });
});
