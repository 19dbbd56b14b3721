import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvokeError } from '../../contract/errors.js';
import { run, succeeds } from './command.js';
import type { Log } from './log.js';
import { fetchObject, type ObjectSource } from './s3.js';

const FOLDER = '/var/cache/convoke/packages';

/** Fetches a zip of `.deb` files and unpacks it. Returns the folder. */
export async function fetchArchive(source: ObjectSource, log: Log): Promise<string> {
  await rm(FOLDER, { recursive: true, force: true });
  // apt reads the files as its own user.
  await mkdir(FOLDER, { recursive: true, mode: 0o755 });
  const zip = `${FOLDER}/packages.zip`;
  await fetchObject(source, zip, log);
  // Debian's cloud images have Python, for cloud-init, but no unzip.
  await run('python3', ['-m', 'zipfile', '-e', zip, FOLDER]);
  await rm(zip);
  return FOLDER;
}

/** The newest `.deb` file of each package in a folder, at any depth. Rejects if a package has none. */
export async function packageFiles(folder: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.deb'));
  for (const file of files) {
    const path = join(folder, file);
    const name = await run('dpkg-deb', ['--field', path, 'Package']);
    if (names.includes(name)) found.set(name, await newer(path, found.get(name)));
  }
  const lacking = names.filter((name) => !found.has(name));
  if (lacking.length === 0) return found;
  throw new ConvokeError('PackagesLacking', {
    what: `The folder of packages lacks ${lacking.join(' and ')}.`,
    why: `It holds ${files.length === 0 ? 'no .deb file' : files.join(', ')}.`,
    now: 'Add the .deb files to the folder named under "packages" in convoke.yaml and deploy again.',
    fault: 'person',
  });
}

async function newer(path: string, other: string | undefined): Promise<string> {
  if (other === undefined) return path;
  const version = (file: string): Promise<string> => run('dpkg-deb', ['--field', file, 'Version']);
  const isNewer = await succeeds('dpkg', [
    '--compare-versions',
    await version(path),
    'gt',
    await version(other),
  ]);
  return isNewer ? path : other;
}
