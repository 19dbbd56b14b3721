import { ConvokeError } from '../../contract/errors.js';
import { run } from './command.js';

/** Jitsi's package that is nothing but dependencies: each of its versions names one version of each other package. */
const META_PACKAGE = 'jitsi-meet';

/** What to tell apt so that packages are exactly those of a release: `jicofo=1.0-1124-1` for `jicofo`. */
export async function releaseVersions(
  release: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  // It says nothing, and calls that well, of what it does not know.
  const record = await run('apt-cache', ['show', '--no-all-versions', `${META_PACKAGE}=${release}`]).catch(
    () => '',
  );
  if (record.trim() === '') {
    throw new ConvokeError('NoSuchRelease', {
      what: `The package source has no release ${release} of ${META_PACKAGE}.`,
      why: 'Old releases are removed from it some time.',
      now: 'Name another release under "packages" in convoke.yaml.',
    });
  }
  const versions = exactVersions(record);
  return new Map(
    names.map((name) => {
      const version = versions.get(name);
      if (version) return [name, `${name}=${version}`];
      throw new ConvokeError('ReleaseIncomplete', {
        what: `Release ${release} of ${META_PACKAGE} does not say which version of ${name} belongs to it.`,
        now: 'Name another release under "packages" in convoke.yaml, or none.',
      });
    }),
  );
}

/** The packages that a record of apt's depends on in exactly one version. */
export function exactVersions(record: string): Map<string, string> {
  const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
  const exact = [...depends.matchAll(/([a-z0-9][a-z0-9+.-]*) \(= ([^)]+)\)/g)];
  return new Map(exact.map(([, name = '', version = '']) => [name, version]));
}
