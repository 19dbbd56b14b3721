import type { Account } from '../../cloud/account.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import type { Deployment, PackageSource } from '../../config/deployment.js';
import { compareVersions } from '../../contract/debian-version.js';
import { ConvokeError } from '../../contract/errors.js';
import { stackName } from '../../contract/names.js';
import { RECORDER_PACKAGE, type Release, ReleaseState, sameRelease } from '../../contract/release.js';
import { OUTPUTS } from '../../contract/template.js';
import { FOLDER, releasesInFolder } from './folder.js';
import { releasesInRepository, repositoryName } from './repository.js';

/** The state of releases of a deployment, from its stack; undefined if there is none, or if it has no release. */
export async function deployedReleases(
  account: Account,
  deployment: Pick<Deployment, 'name'>,
): Promise<ReleaseState | undefined> {
  const stack = await findStack(account, stackName(deployment.name));
  return stack && parseReleases(outputs(stack)[OUTPUTS.release]);
}

/** The value of the stack's output. */
export function parseReleases(text: string | undefined): ReleaseState | undefined {
  try {
    return ReleaseState.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

/** {@link releasesToDeploy} for a deployment in an account. */
export async function releasesFor(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'packages' | 'machines'>,
): Promise<ReleaseState | undefined> {
  if (account.lacks.includes('repositories') && deployment.packages.kind !== 'directory') return undefined;
  return releasesToDeploy(await deployedReleases(account, deployment), deployment);
}

/** A newer release in the package source of a deployment, or why it is not known. */
export interface NewerRelease {
  readonly newer?: Release;
  /** Why the source could not be read. */
  readonly unknown?: string;
}

/** Whether the package source has a newer release than the deployed one. Never throws: it is a remark of `status`. */
export async function newerRelease(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'packages' | 'machines'>,
): Promise<NewerRelease> {
  if (account.lacks.includes('repositories') && deployment.packages.kind !== 'directory') return {};
  try {
    const deployed = await deployedReleases(account, deployment);
    const [newest] = deployed ? await availableReleases(deployment) : [];
    return deployed && newest && isNewer(newest, deployed.release) ? { newer: newest } : {};
  } catch (error) {
    if (!(error instanceof ConvokeError)) throw error;
    return { unknown: [error.message, error.why].filter(Boolean).join(' ') };
  }
}

/** Whether a release is newer; one of the same name, but with other packages, is, too. */
export const isNewer = (one: Release, other: Release): boolean =>
  one.name === other.name ? !sameRelease(one, other) : compareVersions(one.name, other.name) > 0;

type Source = Pick<Deployment, 'packages' | 'machines'>;

/** The releases that the file's package source has, the newest first. */
export async function availableReleases({ packages, machines }: Source): Promise<Release[]> {
  if (packages.kind !== 'directory') return releasesInRepository(packages, machines.architecture);
  return releasesInFolder(packages.path);
}

const sourceName = (source: PackageSource): string =>
  source.kind === 'directory' ? FOLDER : repositoryName(source);

/**
 * The releases with which `up` deploys. A deployment keeps its release until `upgrade`; a new one gets the file's, or
 * the newest. Undefined: machines install what their source has when they start.
 */
export async function releasesToDeploy(
  deployed: ReleaseState | undefined,
  source: Source,
  available: (source: Source) => Promise<Release[]> = availableReleases,
): Promise<ReleaseState | undefined> {
  const { packages } = source;
  const named = packages.kind === 'directory' ? undefined : packages.release;
  if (
    deployed?.release.source === sourceName(packages) &&
    (named === undefined || named === deployed.release.name)
  )
    return deployed;
  const found = await available(source);
  // A mirror that has the deployed release changes nothing but where it comes from.
  const kept = named ?? deployed?.release.name;
  const release = found.find(({ name }) => name === kept) ?? (named ? undefined : found[0]);
  if (!release && named) throw unknownRelease(named, found);
  return release && { release };
}

/** Throws `NoRecorder` if recorders are wanted and the release has no package for them. */
export function assertRecorder(
  { recording, packages }: Pick<Deployment, 'recording' | 'packages'>,
  releases: ReleaseState | undefined,
): void {
  if (!recording || !releases || releases.release.packages[RECORDER_PACKAGE] !== undefined) return;
  throw new ConvokeError('NoRecorder', {
    what: `The deployment is to record meetings, but its packages include no ${RECORDER_PACKAGE}.`,
    why:
      packages.kind === 'directory'
        ? `The folder had no file ${RECORDER_PACKAGE}_VERSION_all.deb when this release was deployed.`
        : 'The package source does not have it.',
    now: 'Add the package to the source and run "convoke upgrade", or remove "recording" from the file.',
    fault: 'user',
  });
}

/** The error about a release that the package source does not have. */
export function unknownRelease(name: string, available: readonly Release[]): ConvokeError {
  return new ConvokeError('NoSuchRelease', {
    what: `The package source has no release ${name}.`,
    why: available.length === 0 ? 'It has no release.' : `It has ${nearest(name, available).join(', ')}.`,
    now: 'Name one of these. Old releases are eventually removed from the repository.',
    fault: 'user',
  });
}

/** At most five names, the most similar first: those that begin alike. */
function nearest(name: string, available: readonly Release[]): string[] {
  const common = (other: string) => {
    let length = 0;
    while (length < name.length && name[length] === other[length]) length++;
    return length;
  };
  return available
    .map((release) => release.name)
    .sort((a, b) => common(b) - common(a))
    .slice(0, 5);
}
