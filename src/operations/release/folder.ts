import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { compareVersions } from '../../contract/debian-version.js';
import { META_PACKAGE, RECORDER_PACKAGE, Release } from '../../contract/release.js';
import { JITSI } from '../../node/provision/packages.js';
import { archiveKey } from '../../stack/node-files.js';
import { releasesInIndex } from './index-file.js';

export const FOLDER = 'folder';

/** The dependencies of a package, from its file. Empty where there is no dpkg. */
const dependsOf = async (file: string): Promise<string> =>
  (await execa('dpkg-deb', ['--field', file, 'Depends'], { reject: false })).stdout ?? '';

/**
 * The releases that a folder of packages holds, the newest first, by the names of the files, which are
 * `NAME_VERSION_ARCHITECTURE.deb`. As in Jitsi's repository, each version of `jitsi-meet` is a release: of the versions
 * that it depends on. Without that package, the newest has the newest version of each package, and an older one is a
 * version that all packages have. None if no file has such a name: machines then install the newest of what the archive
 * has.
 */
export async function releasesInFolder(folder: string, depends = dependsOf): Promise<Release[]> {
  const found = new Map<string, string[]>();
  const records: string[] = [];
  let written = 0;
  for (const path of readdirSync(folder, { recursive: true }).map(String)) {
    const [, name, escaped] = /^([a-z0-9][a-z0-9.+-]+)_([^_]+)_[a-z0-9]+\.deb$/.exec(basename(path)) ?? [];
    if (!name || !escaped || ![...JITSI, META_PACKAGE].includes(name)) continue;
    // An epoch's colon is escaped in file names.
    const version = escaped.replace(/%3a/i, ':');
    found.set(name, [...(found.get(name) ?? []), version]);
    const needs = name === META_PACKAGE ? `Depends: ${await depends(join(folder, path))}\n` : '';
    records.push(`Package: ${name}\nVersion: ${version}\n${needs}`);
    written = Math.max(written, statSync(join(folder, path)).mtimeMs);
  }
  const date = new Date(written).toISOString().slice(0, 10);
  const archive = archiveKey(folder);
  const exact = releasesInIndex(records.join('\n'), FOLDER, date);
  if (exact.length > 0) return exact.map((each) => ({ ...each, archive }));
  for (const versions of found.values()) versions.sort((a, b) => compareVersions(b, a));
  const release = (name: string | undefined, packages: readonly (readonly [string, string])[]) =>
    Release.safeParse({
      name,
      source: FOLDER,
      packages: Object.fromEntries(packages.filter(([each]) => each !== META_PACKAGE).sort()),
      date,
      archive,
    }).data;
  const newest = [...found].flatMap(([name, [version]]) => (version ? [[name, version] as const] : []));
  const names = found.get(META_PACKAGE) ?? found.get('jitsi-meet-web') ?? [];
  const older = names
    .slice(1)
    .filter((version) =>
      [...found].every(([name, versions]) => name === RECORDER_PACKAGE || versions.includes(version)),
    );
  return [
    release(names[0], newest),
    ...older.map((version) =>
      release(
        version,
        [...found].map(
          ([name, versions]) =>
            [name, name === RECORDER_PACKAGE ? (versions[0] ?? version) : version] as const,
        ),
      ),
    ),
  ].filter((each) => each !== undefined);
}
