import type { Account } from '../../cloud/account.js';
import { type Group, groupsNamed, isLeaving, latestRefresh, templateVersions } from '../../cloud/groups.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import { ConvokeError } from '../../contract/errors.js';
import { bridgesGroupName, recordersGroupName, stackName } from '../../contract/names.js';
import type { ReleaseState } from '../../contract/release.js';
import { parseRoll, type Roll } from '../../contract/roll.js';
import { IMAGE_PARAMETER, OUTPUTS } from '../../contract/template.js';
import { type Deployed, type DeployOptions, deploy } from '../deploy.js';
import { deployedTemplate } from '../deployed-template.js';
import { step } from '../progress.js';
import { parseReleases } from '../release/releases.js';
import { templates } from '../synthesize.js';
import { changesMachines, heldAt, launchSame } from './held-versions.js';
import { isInProgress } from './next-step.js';
import { GivenUp, groupLabel, type RollOptions, roll, type Wanted } from './roll.js';

export interface RollingOptions extends Omit<DeployOptions, 'held'> {
  /**
   * What happens to machines whose launch template changes. `roll`: they are replaced. `later`: they stay; machines
   * that start later are launched from the new one. `upgrade`: they are replaced, also if only the machine image is newer.
   */
  readonly machines: 'roll' | 'later' | 'upgrade';
  /** Tests a group whose new machines serve. Rejects if it fails. */
  readonly verify?: (group: string) => Promise<void>;
  /**
   * Makes the machine image that machines are to start from. Called once new launch templates are deployed, before machines are
   * replaced. Default: the image stays.
   */
  readonly makeImage?: () => Promise<string>;
  /** Called before machines are replaced. */
  readonly announce?: (plan: RollPlan) => void;
}

/** What is about to be replaced. */
export interface RollPlan {
  /** Names of the groups, in order. */
  readonly groups: readonly string[];
  readonly machines: number;
}

export interface Rolled extends Deployed {
  /** Groups whose machines were replaced. */
  readonly replaced: readonly string[];
  /** The machine image that was made; undefined if none was to be made. */
  readonly image?: string;
}

/** The state of what is deployed before anything changes. */
interface Before {
  readonly roll: Roll | undefined;
  readonly releases: ReleaseState | undefined;
  readonly groups: readonly Group[];
}

/**
 * Deploys, and replaces the machines whose launch template changes: new versions of the launch templates first, while
 * groups go on launching the old ones; then group by group; then groups launch the new ones. If new machines do not
 * work, all groups go back. If it is killed, the next call continues. Throws `Undone`, and what {@link deploy} throws.
 */
export async function deployAndRoll(given: RollingOptions): Promise<Rolled> {
  let options = given;
  const { account, deployment } = options;
  const before = await stateBefore(account, deployment.name);
  if (!before || options.machines === 'later' || !(await mayChangeMachines(options, before))) {
    return {
      ...(await step(options.onProgress, account.clock, 'deploy', 'Deploy', () => deploy(options))),
      replaced: [],
    };
  }
  const rolling: Roll = {
    state: 'rolling',
    from: startingPoint(before),
    ...(releasesBefore(before) && { before: releasesBefore(before) }),
  };
  const prepare = () =>
    step(options.onProgress, account.clock, 'prepare', 'Deploy new launch templates', async () =>
      deploy({ ...options, held: await heldAt(account, before.groups, rolling) }),
    );
  let prepared = await prepare();
  let image: string | undefined;
  if (options.makeImage) {
    try {
      image = await options.makeImage();
      if (options.parameters[IMAGE_PARAMETER] !== image) {
        options = { ...options, parameters: { ...options.parameters, [IMAGE_PARAMETER]: image } };
        prepared = { ...(await prepare()), changed: true };
      }
    } catch (error) {
      if (options.signal?.aborted || !isFailure(error)) throw error;
      await undo(given, rolling, sentence(error, deployment.name));
    }
  }
  // A newer image alone concerns machines that start later. An interrupted roll may have been an upgrade.
  const anyImage = options.machines !== 'upgrade' && before.roll?.state !== 'rolling';
  const wanted = await groupsToReplace(account, deployment.name, prepared.outputs, anyImage);
  if (wanted.length > 0) {
    const groups = await groupsNamed(
      account,
      wanted.map(({ group }) => group),
    );
    options.announce?.({
      groups: wanted.map(({ group }) => group),
      machines: groups.reduce((sum, { desired }) => sum + desired, 0),
    });
    try {
      await roll(rollOptions(options, prepared.outputs, options.verify), wanted);
    } catch (error) {
      // Interrupted, or AWS did not answer: the next run continues.
      if (options.signal?.aborted || !isFailure(error)) throw error;
      await undo(options, rolling, sentence(error, deployment.name));
    }
  }
  const done = await step(options.onProgress, account.clock, 'deploy', 'Deploy', () => deploy(options));
  return {
    outputs: done.outputs,
    changed: prepared.changed || done.changed,
    replaced: wanted.map(({ group }) => group),
    ...(image && { image }),
  };
}

/** Takes a failed roll back and deploys what was before. Throws `Undone`, or `NotUndone`. */
async function undo(options: RollingOptions, rolling: Roll, why: string): Promise<never> {
  const { account, onProgress } = options;
  await goBack(options, rolling, why);
  const undone: Roll = { ...rolling, state: 'undone', why };
  await step(onProgress, account.clock, 'deploy', 'Deploy', async () =>
    deploy({
      ...options,
      releases: rolling.before,
      held: await heldAt(account, await groupsNamed(account, Object.keys(rolling.from)), undone),
    }),
  );
  throw new ConvokeError('Undone', {
    what: why,
    why: 'All machines are as they were before, and the deployment serves.',
    now: 'Run "convoke status" to see them. The same command tries again.',
  });
}

/**
 * Takes an interrupted or failed roll back: all groups launch what they launched before it, and have such machines.
 * Throws `NotUndone`.
 */
export async function goBack(
  options: Omit<RollOptions, 'targetGroup' | 'rollsBack' | 'verb' | 'verify'>,
  rolling: Roll,
  why: string,
): Promise<void> {
  const { account, deployment, onProgress } = options;
  const stack = await findStack(account, stackName(deployment.name));
  const targetGroup = (stack && outputs(stack)[OUTPUTS.targetGroup]) ?? '';
  await step(onProgress, account.clock, 'undo', 'Go back to the machines before', async () => {
    const all = await groupsNamed(account, Object.keys(rolling.from));
    const begun = await Promise.all(all.map((group) => hasBegun(account, group, rolling)));
    const there = all.filter((_, index) => begun[index]);
    // Shards first: their earlier machines are then of the release of the bridges that are there.
    const wanted = ordered(deployment.name, there)
      .reverse()
      .map(({ name }) => ({ group: name, version: rolling.from[name] ?? '' }));
    await roll({ ...options, targetGroup, rollsBack: false, verb: 'Bring back' }, wanted).catch(
      (cause: unknown) => {
        if (!(cause instanceof GivenUp)) throw cause;
        throw new ConvokeError('NotUndone', {
          what: `${why} But ${groupLabel(deployment.name, cause.group)} could not go back.`,
          why: cause.why,
          now: 'Run "convoke status" to see the machines. "convoke upgrade --back" tries to go back again.',
          cause,
        });
      },
    );
  });
}

/**
 * Whether a roll has begun to replace the machines of a group. A group that it has not reached stays as it is, even if it
 * has machines from before the last change of its launch template.
 */
async function hasBegun(
  account: Account,
  { name, version, members }: Group,
  { from }: Roll,
): Promise<boolean> {
  const before = from[name];
  if (version !== before || members.some((member) => Number(member.version) > Number(before))) return true;
  const refresh = await latestRefresh(account, name);
  return refresh !== undefined && isInProgress(refresh.status);
}

/** What is deployed; undefined if nothing is. */
async function stateBefore(account: Account, deployment: string): Promise<Before | undefined> {
  const stack = await findStack(account, stackName(deployment));
  const out = stack ? outputs(stack) : {};
  const names = out[OUTPUTS.groups];
  if (!names) return undefined;
  return {
    roll: parseRoll(out[OUTPUTS.roll]),
    releases: parseReleases(out[OUTPUTS.release]),
    groups: await groupsNamed(account, rolled(deployment, names)),
  };
}

async function mayChangeMachines(
  { account, deployment, releases, machines }: RollingOptions,
  before: Before,
): Promise<boolean> {
  if (before.groups.length === 0) return false;
  if (machines === 'upgrade' || before.roll) return true;
  const deployed = await deployedTemplate(account, stackName(deployment.name));
  return deployed !== undefined && changesMachines(deployed, templates(deployment, releases).deployment);
}

/** The versions to go back to. A roll that continues keeps those from before its first run. */
function startingPoint({ roll, groups }: Before): Record<string, string> {
  const now = groups.flatMap(({ name, version }) =>
    /^\d+$/.test(version) ? [[name, version] as const] : [],
  );
  return { ...Object.fromEntries(now), ...(roll?.state === 'rolling' && roll.from) };
}

const releasesBefore = ({ roll, releases }: Before): ReleaseState | undefined =>
  roll?.state === 'rolling' ? roll.before : releases;

/**
 * The groups with machines that the newest version of their launch template would launch otherwise, in order. `anyImage`:
 * a difference of the image alone does not count.
 */
async function groupsToReplace(
  account: Account,
  deployment: string,
  out: Readonly<Record<string, string>>,
  anyImage: boolean,
): Promise<Wanted[]> {
  const groups = await groupsNamed(account, rolled(deployment, out[OUTPUTS.groups] ?? ''));
  const found: Wanted[] = [];
  for (const { name, template, members, version } of ordered(deployment, groups)) {
    const staying = members.filter(({ lifecycle }) => !isLeaving(lifecycle));
    const known = [...staying.map((member) => member.version), version].filter((each) => /^\d+$/.test(each));
    const [versions, [newest]] = await Promise.all([
      templateVersions(account, template, known),
      templateVersions(account, template, ['$Latest']),
    ]);
    if (newest && versions.some((each) => !launchSame(each, newest, anyImage)))
      found.push({ group: name, version: newest.version });
  }
  return found;
}

/**
 * The groups whose machines are replaced. A recorder may record for hours, works with every release, and is gone when nobody
 * meets: those that start get what is new.
 */
const rolled = (deployment: string, groups: string): string[] =>
  groups.split(',').filter((name) => name !== '' && name !== recordersGroupName(deployment));

/** Bridges first: a bridge and a Jicofo of different releases meet only during the roll. */
const ordered = (deployment: string, groups: readonly Group[]): Group[] =>
  groups.toSorted(
    (a, b) =>
      Number(b.name === bridgesGroupName(deployment)) - Number(a.name === bridgesGroupName(deployment)) ||
      a.name.localeCompare(b.name),
  );

const rollOptions = (
  { account, deployment, onProgress, signal }: RollingOptions,
  out: Readonly<Record<string, string>>,
  verify?: RollingOptions['verify'],
) => ({
  account,
  deployment,
  targetGroup: out[OUTPUTS.targetGroup] ?? '',
  onProgress,
  signal,
  rollsBack: true,
  ...(verify && { verify }),
});

/** Whether the new machines are to blame: they do not serve, or nobody can meet on them. */
const isFailure = (error: unknown): error is GivenUp | ConvokeError =>
  error instanceof GivenUp ||
  (error instanceof ConvokeError &&
    ['CannotJoin', 'BridgesMissing', 'NotServing', 'ImageNotMade'].includes(error.name));

function sentence(error: GivenUp | ConvokeError, deployment: string): string {
  if (error instanceof ConvokeError)
    return [error.message, error.name === 'ImageNotMade' ? error.why : ''].join(' ').trim();
  const label = groupLabel(deployment, error.group);
  return `${label.charAt(0).toUpperCase()}${label.slice(1)} could not be replaced: ${error.why}`;
}
