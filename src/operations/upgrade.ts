import { either, withLock } from '../cloud/lock.js';
import { findStack, outputs } from '../cloud/stacks.js';
import { compareVersions } from '../contract/debian-version.js';
import { ConvokeError } from '../contract/errors.js';
import { stackName } from '../contract/names.js';
import { type Release, type ReleaseState, sameRelease } from '../contract/release.js';
import { parseRoll, type Roll } from '../contract/roll.js';
import { OUTPUTS } from '../contract/template.js';
import { newestImage } from './images.js';
import { availableReleases, parseReleases, unknownRelease } from './release/releases.js';
import { nextTime, type When, waitUntil } from './roll/when.js';
import { deployAndVerify, type UpOptions, type UpResult } from './up.js';

export interface UpgradeOptions extends Omit<UpOptions, 'machines'> {
  /** Name of the release. Default: the newest that the package source has. */
  readonly to?: string | undefined;
  /** Whether to go back to the release before the last upgrade. Default: false. */
  readonly back?: boolean;
  /** Whether to make a new machine image, for Debian's updates, even if there is one. Default: false. */
  readonly os?: boolean;
  /** When to begin. Default: at once. */
  readonly when?: When;
  /** Called with the releases before anything changes. */
  readonly onChosen?: (chosen: ChosenRelease) => void;
}

/** The release of an upgrade. */
export interface ChosenRelease {
  readonly from: Release;
  readonly to: Release;
  readonly direction: 'newer' | 'older' | 'same';
}

/**
 * Brings all machines of a deployment to another release of Jitsi, and to the newest machine image: new machines start
 * before old ones leave, bridges first, then one shard after the other. It goes back by itself if the new machines do
 * not work. After an interruption, the same call continues. Throws `NotDeployed`, `NoSuchRelease`, `NoEarlierRelease`,
 * `Undone`, and what reading the package source throws.
 */
export async function upgrade(options: UpgradeOptions): Promise<UpResult> {
  const { account, deployment } = options;
  // Before anything waits or asks AWS, so that a mistake is known at once.
  if (options.when?.at !== undefined) nextTime(options.when.at, account.clock.now());
  const { chosen } = await choose(options);
  options.onChosen?.(chosen);
  await waitUntil(options, options.when);
  return withLock({ account, deployment: deployment.name, verb: 'upgrade' }, async (lost) => {
    const locked = { ...options, signal: either(options.signal, lost) };
    const now = await choose(options);
    if (options.back && now.rolling) {
      const { goBack } = await import('./roll/deploy-and-roll.js');
      await goBack(locked, now.rolling, 'The upgrade was to be taken back.');
    }
    const began = account.clock.now();
    const base = await newestImage(account, deployment.machines.architecture);
    return deployAndVerify(
      { ...locked, machines: 'upgrade' },
      async () => now.releases,
      // Lists of AWS have whole seconds.
      (image) => image.base === base && !(options.os && image.created.getTime() + 1_000 < began.getTime()),
    );
  });
}

interface Choice {
  readonly chosen: ChosenRelease;
  /** What is deployed. */
  readonly releases: ReleaseState;
  /** An upgrade that was interrupted. */
  readonly rolling?: Roll;
}

async function choose({ account, deployment, to, back }: UpgradeOptions): Promise<Choice> {
  const stack = await findStack(account, stackName(deployment.name));
  const out = stack && outputs(stack);
  const deployed = parseReleases(out?.[OUTPUTS.release]);
  if (!out || !deployed) throw notDeployed(deployment, out !== undefined);
  const roll = parseRoll(out[OUTPUTS.roll]);
  const rolling = roll?.state === 'rolling' ? roll : undefined;
  // What machines had before an interrupted upgrade.
  const before = rolling?.before ?? deployed;
  const release = await wantedRelease({ to, back, deployed, rolling }, () => availableReleases(deployment));
  const previous = sameRelease(release, before.release) ? before.previous : before.release;
  return {
    chosen: { from: before.release, to: release, direction: direction(before.release, release) },
    releases: { release, ...(previous && { previous }) },
    ...(rolling && { rolling }),
  };
}

interface Facts {
  readonly to?: string | undefined;
  readonly back?: boolean | undefined;
  readonly deployed: ReleaseState;
  readonly rolling?: Roll | undefined;
}

/** The release that an upgrade leads to: the one that was named, the one before, an interrupted upgrade's, or the newest. */
export async function wantedRelease(
  { to, back, deployed, rolling }: Facts,
  available: () => Promise<Release[]>,
): Promise<Release> {
  if (back) {
    const earlier = rolling ? rolling.before?.release : deployed.previous;
    if (earlier) return earlier;
    throw new ConvokeError('NoEarlierRelease', {
      what: 'There is no release to go back to.',
      why: `The deployment has had release ${deployed.release.name} since its first "up", or went back to it.`,
      now: 'Name a release with "convoke upgrade --to RELEASE".',
      fault: 'user',
    });
  }
  if (rolling && (to === undefined || to === deployed.release.name)) return deployed.release;
  const found = await available();
  const release = to === undefined ? found[0] : found.find(({ name }) => name === to);
  if (release) return release;
  if (to === undefined) return deployed.release;
  throw unknownRelease(to, found);
}

function direction(from: Release, to: Release): ChosenRelease['direction'] {
  if (from.name === to.name) return sameRelease(from, to) ? 'same' : 'newer';
  return compareVersions(to.name, from.name) > 0 ? 'newer' : 'older';
}

const notDeployed = ({ domain }: UpgradeOptions['deployment'], exists: boolean): ConvokeError =>
  exists
    ? new ConvokeError('NoRelease', {
        what: `The deployment of ${domain} has no release of Jitsi, so there is nothing to upgrade.`,
        why: 'It was deployed by an older convoke, or its packages do not say which release they are.',
        now: 'Run "convoke up" first.',
        fault: 'user',
      })
    : new ConvokeError('NotDeployed', {
        what: `${domain} is not deployed.`,
        now: 'Run "convoke up" first.',
        fault: 'user',
      });
