import { ConvokeError } from '../../contract/errors.js';
import { run } from './command.js';

/** Jitsi's metapackage: each of its versions depends on one exact version of every other package. */
const META_PACKAGE = 'jitsi-meet';

/** The arguments for apt that select the packages of a release: `jicofo=1.0-1124-1` for `jicofo`. */
export async function releaseVersions(
  release: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  // apt-cache prints nothing and succeeds for an unknown version.
  const record = await run('apt-cache', ['show', '--no-all-versions', `${META_PACKAGE}=${release}`]).catch(
    () => '',
  );
  if (record.trim() === '') {
    throw new ConvokeError('NoSuchRelease', {
      what: `The package source has no release ${release} of ${META_PACKAGE}.`,
      why: 'Old releases are eventually removed from the repository.',
      now: 'Set another release under "packages" in convoke.yaml.',
    });
  }
  const versions = exactVersions(record);
  return new Map(
    names.map((name) => {
      const version = versions.get(name);
      if (version) return [name, `${name}=${version}`];
      throw new ConvokeError('ReleaseIncomplete', {
        what: `Release ${release} of ${META_PACKAGE} does not specify a version of ${name}.`,
        now: 'Set another release under "packages" in convoke.yaml, or remove the setting.',
      });
    }),
  );
}

/** The packages on whose exact version an apt record depends. */
export function exactVersions(record: string): Map<string, string> {
  const depends = /^Depends: (.*)$/m.exec(record)?.[1] ?? '';
  const exact = [...depends.matchAll(/([a-z0-9][a-z0-9+.-]*) \(= ([^)]+)\)/g)];
  return new Map(exact.map(([, name = '', version = '']) => [name, version]));
}
