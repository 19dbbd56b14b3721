import { z } from 'zod';
import { ReleaseName } from './package-source.js';

/** A package's version, which becomes an argument of apt on machines. */
const Version = ReleaseName;

const PackageName = z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, 'is not the name of a Debian package');

/**
 * A release of Jitsi: the exact version of each package. Bridge and Jicofo must be of one release, and so must a page
 * and its scripts, so all machines of a deployment install the same.
 */
export const Release = z.strictObject({
  /** Version of the package `jitsi-meet`; in a folder without that package, version of `jitsi-meet-web`. */
  name: ReleaseName,
  /** The repository, as URL and suite, or `folder`. */
  source: z.string(),
  /** Versions by package. */
  packages: z.record(PackageName, Version),
  /** When the source published it, or its newest file was written: a day, `2026-12-02`. Empty: not known. */
  date: z.string(),
  /** Key of the archive of a folder's packages in the bucket. */
  archive: z.string().optional(),
});
export type Release = z.infer<typeof Release>;

/** What a deployment's stack says about releases, as JSON in its output `Release`. */
export const ReleaseState = z.strictObject({
  /** The release that machines install when they start. */
  release: Release,
  /** The release before the last upgrade. */
  previous: Release.optional(),
});
export type ReleaseState = z.infer<typeof ReleaseState>;

/** Jitsi's metapackage: each of its versions depends on one exact version of other packages. */
export const META_PACKAGE = 'jitsi-meet';

/** The recorder. It is not built with a release: its newest version works with all of them. */
export const RECORDER_PACKAGE = 'jibri';

/** Whether two releases install the same packages. */
export const sameRelease = (one: Release, other: Release): boolean =>
  one.name === other.name &&
  one.archive === other.archive &&
  JSON.stringify(Object.entries(one.packages).sort()) ===
    JSON.stringify(Object.entries(other.packages).sort());

/** The packages on whose exact version an apt record depends. */
export function exactVersions(record: string): Map<string, string> {
  const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
  const exact = [...depends.matchAll(/([a-z0-9][a-z0-9+.-]*) \(= ([^)]+)\)/g)];
  return new Map(exact.map(([, name = '', version = '']) => [name, version]));
}
