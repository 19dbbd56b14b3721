import { createHash } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExecaError, execa } from 'execa';
import { ConvokeError } from '../contract/errors.js';
import { cachedFolder } from './cached-folder.js';
import { PYTHON_PROBE } from './prerequisites.js';

/** The Python package next to this file, which runs MiniStack with the extension. */
export const EMULATOR = fileURLToPath(new URL('./emulator', import.meta.url));
const REQUIREMENTS = join(EMULATOR, 'requirements.txt');

/** Megabytes that the Python environment needs: 147 when it is installed, and pip's temporary files. */
const SPACE = 250;

/** Folder of the environment for the pinned versions; other versions use another folder. */
function environment(cache: string): string {
  const versions = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  return join(cache, `emulator-${versions}`);
}

/** The Python interpreter with the emulator's packages, after `installEmulator`. */
export const emulatorPython = (cache: string): string => join(environment(cache), 'bin', 'python');

/**
 * Installs the emulator at its pinned versions into the cache, unless it is installed. @throws ConvokeError `PythonMissing`, `DiskFull`,
 * `EmulatorNotInstalled`
 */
export async function installEmulator(
  cache: string,
  progress: (step: string) => void = () => {},
): Promise<void> {
  await cachedFolder(environment(cache), async (draft) => {
    assertSpace(cache);
    await assertPython();
    try {
      progress('creating a Python environment for the emulator');
      await execa('python3', ['-m', 'venv', draft]);
      progress('installing the emulator into it');
      const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'];
      await execa(join(draft, 'bin', 'python'), [
        '-m',
        'pip',
        'install',
        ...options,
        '--requirement',
        REQUIREMENTS,
      ]);
    } catch (cause) {
      throw new ConvokeError('EmulatorNotInstalled', {
        what: 'The emulator of AWS could not be installed.',
        why: lastLine(cause),
        now: 'Check that Python’s package index can be reached, directly or as configured for pip, and run this again.',
        cause,
      });
    }
  });
}

/** Checked in advance, because Python's errors do not say that the disk is full. */
function assertSpace(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  if (free >= SPACE) return;
  throw new ConvokeError('DiskFull', {
    what: 'The emulator of AWS could not be installed.',
    why: `${folder} has ${free} MB of free space, and ${SPACE} MB are needed.`,
    now: 'Free some space, or set CONVOKE_HOME to a folder on another disk, then run the same command again.',
    fault: 'user',
  });
}

async function assertPython(): Promise<void> {
  try {
    await execa('python3', ['-c', PYTHON_PROBE]);
  } catch (cause) {
    const old = cause instanceof ExecaError && cause.exitCode === 9;
    throw new ConvokeError('PythonMissing', {
      what: 'The rehearsal needs Python 3.10 or newer with its venv module.',
      why: old ? 'The python3 that is found first is older.' : lastLine(cause),
      now: 'On Debian: apt-get install python3-venv',
      fault: 'user',
      cause,
    });
  }
}

function lastLine(cause: unknown): string {
  const text = cause instanceof ExecaError ? String(cause.stderr || cause.shortMessage) : String(cause);
  return text.trim().split('\n').at(-1) ?? '';
}
