import { compareVersions } from '../../contract/debian-version.js';
import { exactVersions, META_PACKAGE, RECORDER_PACKAGE, type Release } from '../../contract/release.js';
import { JITSI } from '../../node/provision/packages.js';

/** A file that a repository's `Release` file lists, with its SHA-256. */
export interface ListedFile {
  readonly path: string;
  readonly sha256: string;
}

/** The part of a `Release` file that is needed: the files with their SHA-256, and the day of the index. */
export function parseReleaseFile(text: string): { files: ListedFile[]; date: string } {
  const section = /^SHA256:\s*\n((?: .*\n?)*)/m.exec(text)?.[1] ?? '';
  const files = [...section.matchAll(/^ ([0-9a-f]{64})\s+\d+\s+(\S+)$/gm)].map(
    ([, sha256 = '', path = '']) => ({ path, sha256 }),
  );
  const date = new Date(/^Date: (.*)$/m.exec(text)?.[1] ?? '');
  return { files, date: Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10) };
}

/**
 * The releases in a repository's package index, the newest first. `jitsi-meet` names exact versions of most packages;
 * the others that convoke installs are built together with `jitsi-meet-prosody` and have its version. The recorder
 * is released by itself: each release gets its newest version.
 */
export function releasesInIndex(index: string, source: string, date: string): Release[] {
  const records = index.split(/\n\s*\n/).filter((record) => record.trim() !== '');
  const field = (record: string, name: string) =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(record)?.[1]?.trim() ?? '';
  const there = new Set(records.map((record) => `${field(record, 'Package')} ${field(record, 'Version')}`));
  const recorder = records
    .filter((record) => field(record, 'Package') === RECORDER_PACKAGE)
    .map((record) => field(record, 'Version'))
    .sort(compareVersions)
    .at(-1);
  const found = new Map<string, Release>();
  for (const record of records) {
    if (field(record, 'Package') !== META_PACKAGE) continue;
    const versions = exactVersions(record);
    const packages = Object.fromEntries(
      JITSI.flatMap((name) => {
        const version =
          (name === RECORDER_PACKAGE ? recorder : versions.get(name)) ??
          versions.get('jitsi-meet-prosody') ??
          '';
        return there.has(`${name} ${version}`) ? [[name, version]] : [];
      }),
    );
    const name = field(record, 'Version');
    // A release whose packages were removed from the repository cannot be installed.
    const complete = [...versions.keys()]
      .filter((one) => JITSI.includes(one))
      .every((one) => one in packages);
    if (complete && 'jicofo' in packages && 'jitsi-videobridge2' in packages)
      found.set(name, { name, source, packages, date });
  }
  return [...found.values()].sort((a, b) => compareVersions(b.name, a.name));
}
