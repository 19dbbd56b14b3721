import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compareVersions } from '../../contract/debian-version.js';
import { ConvokeError } from '../../contract/errors.js';
import { run } from './command.js';
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

/**
 * The `.deb` file of each package in a folder, at any depth: of the version that `versions` names, or the newest.
 * Rejects if a package has none.
 */
export async function packageFiles(
  folder: string,
  names: readonly string[],
  versions: ReadonlyMap<string, string> = new Map(),
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.deb'));
  for (const file of files) {
    const path = join(folder, file);
    const name = await run('dpkg-deb', ['--field', path, 'Package']);
    if (!names.includes(name)) continue;
    const wanted = versions.get(name);
    if (wanted === undefined || (await versionOf(path)) === wanted)
      found.set(name, await newer(path, found.get(name)));
  }
  const lacking = names.filter((name) => !found.has(name));
  if (lacking.length === 0) return found;
  throw new ConvokeError('PackagesMissing', {
    what: `The folder of packages lacks ${lacking.map((name) => [name, versions.get(name)].filter(Boolean).join(' ')).join(' and ')}.`,
    why: `It holds ${files.length === 0 ? 'no .deb file' : files.join(', ')}.`,
    now: 'Add the .deb files to the folder named under "packages" in convoke.yaml and deploy again.',
    fault: 'user',
  });
}

async function newer(path: string, other: string | undefined): Promise<string> {
  if (other === undefined) return path;
  return compareVersions(await versionOf(path), await versionOf(other)) > 0 ? path : other;
}

const versionOf = (file: string): Promise<string> => run('dpkg-deb', ['--field', file, 'Version']);
