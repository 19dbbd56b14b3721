import type { Account } from '../../cloud/account.js';
import { rollBackRefresh, startRefresh } from '../../cloud/groups.js';
import { pause } from '../../cloud/poll.js';
import type { Alarm } from '../../contract/alerts.js';
import { alarmName, bridgesGroupName, recordersGroupName } from '../../contract/names.js';
import { type OnProgress, step } from '../progress.js';
import { type Following, groupFacts } from './group-facts.js';
import { nextStep } from './next-step.js';

/** A group whose machines are to have another version of its launch template. */
export interface Wanted {
  readonly group: string;
  readonly version: string;
}

export interface RollOptions {
  readonly account: Account;
  readonly deployment: { readonly name: string };
  /** The load balancer's target group with the shards. */
  readonly targetGroup: string;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal | undefined;
  /** Whether Auto Scaling goes back by itself if a refresh fails and nobody watches it. */
  readonly rollsBack: boolean;
  /** What the steps are called, as in "Replace the machines of shard a". Default: `Replace`. */
  readonly verb?: string;
  /** Tests a group whose new machines serve; the next group is not begun before. Rejects if it fails. */
  readonly verify?: (group: string) => Promise<void>;
}

/** Why a group was given up. */
export class GivenUp extends Error {
  constructor(
    readonly group: string,
    readonly why: string,
  ) {
    super(`${group}: ${why}`);
  }
}

/**
 * Seconds from when a machine is in service until an old one is terminated. A bridge first runs its warm-up meetings.
 * The load balancer's health check decides about a shard.
 */
const WARMUP = { bridge: 30, shard: 0 };

/** A quarter of the bridges at once, so that a large deployment is not replaced for hours. */
const BRIDGES_AT_ONCE = 4;

/**
 * Alarms that stop a replacement. Not that no shard serves: an upgrade may be what repairs that.
 */
const STOPPING_ALARMS = ['errors', 'balancer-errors'] as const satisfies readonly Alarm[];

const POLL_MS = 5_000;

/**
 * Replaces the machines of groups, one group after the other. The next group begins when the new machines of the one
 * before serve, even if meetings go on on its old machines; at the end it waits until all instance refreshes have ended. It decides
 * from what it finds, so that it continues after it was killed. Throws {@link GivenUp}.
 */
export async function roll(options: RollOptions, groups: readonly Wanted[]): Promise<void> {
  const { account, onProgress, deployment } = options;
  const begun: Following[] = [];
  for (const wanted of groups) {
    const title = `${options.verb ?? 'Replace'} ${machinesOf(deployment.name, wanted.group)}`;
    begun.push(
      await step(onProgress, account.clock, `replace ${wanted.group}`, title, () =>
        replace(options, begin(options, wanted), () => true),
      ),
    );
    await options.verify?.(wanted.group);
  }
  for (const following of begun) await replace(options, following, ({ ended }) => ended);
}

function begin({ account, deployment, targetGroup }: RollOptions, { group, version }: Wanted): Following {
  const now = account.clock.now();
  return {
    group,
    wanted: version,
    targetGroup: group === bridgesGroupName(deployment.name) ? undefined : targetGroup,
    // Auto Scaling's times have no fractions of a second.
    since: new Date(Math.floor(now.getTime() / 1_000) * 1_000),
    refresh: undefined,
    progressed: now,
  };
}

/** Takes steps until the new machines of a group serve, and `enough` says that this is enough. */
async function replace(
  options: RollOptions,
  from: Following,
  enough: (state: { readonly ended: boolean }) => boolean,
): Promise<Following> {
  const { account, deployment, onProgress, signal, rollsBack } = options;
  const began = account.clock.now().getTime();
  let following = from;
  let served = -1;
  let reported = '';
  for (;;) {
    signal?.throwIfAborted();
    const { group, facts, refresh } = await groupFacts(account, following);
    const serving = facts.members.filter(
      ({ version, state }) => version === following.wanted && state === 'serving',
    ).length;
    if (serving > served) following = { ...following, progressed: account.clock.now() };
    served = serving;
    const next = nextStep(facts);
    const waiting = (what: string) => {
      if (what !== reported)
        onProgress({ kind: 'waiting', what, seconds: (account.clock.now().getTime() - began) / 1000 });
      reported = what;
    };
    switch (next.do) {
      case 'start':
        following = {
          ...following,
          refresh: await startRefresh(account, group, {
            version: following.wanted,
            warmup: following.targetGroup ? WARMUP.shard : WARMUP.bridge,
            atOnce: Math.max(1, Math.floor(group.desired / BRIDGES_AT_ONCE)),
            // A return is not stopped by what it is to end.
            alarms: rollsBack ? STOPPING_ALARMS.map((alarm) => alarmName(deployment.name, alarm)) : [],
            rollsBack,
          }),
        };
        break;
      case 'roll back':
        await rollBackRefresh(account, group.name);
        break;
      case 'give up':
        throw new GivenUp(group.name, next.why);
      case 'go on':
        if (enough(next)) return following;
        waiting(`people on the old machines of ${groupLabel(deployment.name, group.name)} to leave`);
        break;
      case 'wait':
        // An earlier run may have started it.
        if (facts.refresh?.version === following.wanted && !following.refresh)
          following = { ...following, refresh };
        waiting(next.what);
        break;
    }
    await pause(account, POLL_MS, signal);
  }
}

const machinesOf = (deployment: string, group: string): string =>
  group === bridgesGroupName(deployment) ? 'the bridges' : `the machine of ${groupLabel(deployment, group)}`;

/** `the bridges`, `the recorders`, `shard a`. */
export function groupLabel(deployment: string, group: string): string {
  if (group === bridgesGroupName(deployment)) return 'the bridges';
  if (group === recordersGroupName(deployment)) return 'the recorders';
  return `shard ${group.split('-').at(-1)}`;
}
