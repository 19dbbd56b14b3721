import { ConvokeError } from '../../contract/errors.js';
import { exactVersions, META_PACKAGE } from '../../contract/release.js';
import { run } from './command.js';

/**
 * The versions of packages in a release that only its name specifies, from the package lists. `name`: a version of
 * {@link META_PACKAGE}.
 */
export async function versionsOf(name: string, packages: readonly string[]): Promise<Map<string, string>> {
  const record = await showVersion(META_PACKAGE, name);
  if (record === '') {
    throw new ConvokeError('NoSuchRelease', {
      what: `The package source has no release ${name} of ${META_PACKAGE}.`,
      why: 'Old releases are eventually removed from the repository.',
      now: 'Set another release under "packages" in convoke.yaml.',
    });
  }
  const versions = exactVersions(record);
  return new Map(
    packages.map((wanted) => {
      const version = versions.get(wanted);
      if (version) return [wanted, version];
      throw new ConvokeError('ReleaseIncomplete', {
        what: `Release ${name} of ${META_PACKAGE} does not specify a version of ${wanted}.`,
        now: 'Set another release under "packages" in convoke.yaml, or remove the setting.',
      });
    }),
  );
}

/** Throws `ReleaseGone` if the package source no longer has one of these versions. */
export async function assertAvailable(versions: ReadonlyMap<string, string>): Promise<void> {
  const gone: string[] = [];
  for (const [name, version] of versions)
    if ((await showVersion(name, version)) === '') gone.push(`${name} ${version}`);
  if (gone.length === 0) return;
  throw new ConvokeError('ReleaseGone', {
    what: `The package source no longer has ${gone.join(', ')}, which this deployment installs.`,
    why: 'Old releases are eventually removed from the repository. Another release is not installed instead, because all machines must have the same.',
    now: 'Name a release that exists under "packages" in convoke.yaml, and run "convoke up".',
  });
}

/** The record of one version of a package; empty if there is none. apt-cache then prints nothing and succeeds. */
const showVersion = (name: string, version: string): Promise<string> =>
  run('apt-cache', ['show', '--no-all-versions', `${name}=${version}`]).then(
    (record) => record.trim(),
    () => '',
  );
