import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareVersions } from '../../contract/debian-version.js';
import { META_PACKAGE, Release } from '../../contract/release.js';
import { JITSI } from '../../node/provision/packages.js';
import { archiveKey } from '../../stack/node-assets.js';

export const FOLDER = 'folder';

/**
 * The release that a folder of packages holds: the newest version of each package, by the names of the files, which
 * are `NAME_VERSION_ARCHITECTURE.deb`. Undefined if a file has no such name: machines then install the newest of what
 * the archive has.
 */
export function releaseInFolder(folder: string): Release | undefined {
  const found = new Map<string, string>();
  let newest = 0;
  for (const path of readdirSync(folder, { recursive: true }).map(String)) {
    const [, name, version] = /^([a-z0-9][a-z0-9.+-]+)_([^_]+)_[a-z0-9]+\.deb$/.exec(basename(path)) ?? [];
    if (!name || !version || ![...JITSI, META_PACKAGE].includes(name)) continue;
    // An epoch's colon is escaped in file names.
    const decoded = version.replace(/%3a/i, ':');
    const known = found.get(name);
    if (known === undefined || compareVersions(decoded, known) > 0) found.set(name, decoded);
    newest = Math.max(newest, statSync(join(folder, path)).mtimeMs);
  }
  const name = found.get(META_PACKAGE) ?? found.get('jitsi-meet-web');
  found.delete(META_PACKAGE);
  return Release.safeParse({
    name,
    source: FOLDER,
    packages: Object.fromEntries([...found].sort()),
    date: new Date(newest).toISOString().slice(0, 10),
    archive: archiveKey(folder),
  }).data;
}
