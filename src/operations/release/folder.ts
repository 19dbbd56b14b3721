import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareVersions } from '../../contract/debian-version.js';
import { META_PACKAGE, Release } from '../../contract/release.js';
import { JITSI } from '../../node/provision/packages.js';
import { archiveKey } from '../../stack/node-assets.js';

export const FOLDER = 'folder';

/**
 * The releases that a folder of packages holds, the newest first, by the names of the files, which are
 * `NAME_VERSION_ARCHITECTURE.deb`. The newest has the newest version of each package. An older one is a version that
 * all packages have. None if no file has such a name: machines then install the newest of what the archive has.
 */
export function releasesInFolder(folder: string): Release[] {
  const found = new Map<string, string[]>();
  let written = 0;
  for (const path of readdirSync(folder, { recursive: true }).map(String)) {
    const [, name, version] = /^([a-z0-9][a-z0-9.+-]+)_([^_]+)_[a-z0-9]+\.deb$/.exec(basename(path)) ?? [];
    if (!name || !version || ![...JITSI, META_PACKAGE].includes(name)) continue;
    // An epoch's colon is escaped in file names.
    found.set(name, [...(found.get(name) ?? []), version.replace(/%3a/i, ':')]);
    written = Math.max(written, statSync(join(folder, path)).mtimeMs);
  }
  for (const versions of found.values()) versions.sort((a, b) => compareVersions(b, a));
  const date = new Date(written).toISOString().slice(0, 10);
  const release = (name: string | undefined, packages: readonly (readonly [string, string])[]) =>
    Release.safeParse({
      name,
      source: FOLDER,
      packages: Object.fromEntries(packages.filter(([each]) => each !== META_PACKAGE).sort()),
      date,
      archive: archiveKey(folder),
    }).data;
  const newest = [...found].flatMap(([name, [version]]) => (version ? [[name, version] as const] : []));
  const names = found.get(META_PACKAGE) ?? found.get('jitsi-meet-web') ?? [];
  const older = names
    .slice(1)
    .filter((version) => [...found.values()].every((versions) => versions.includes(version)));
  return [
    release(names[0], newest),
    ...older.map((version) =>
      release(
        version,
        [...found.keys()].map((name) => [name, version] as const),
      ),
    ),
  ].filter((each) => each !== undefined);
}
