import type { Account } from '../../cloud/account.js';
import { activities } from '../../cloud/activities.js';
import { consoleOutput } from '../../cloud/console.js';
import { type Group, groupsNamed, isLeaving, latestRefresh } from '../../cloud/groups.js';
import { targetStates } from '../../cloud/machines.js';
import { provisioningFailure } from '../provisioning-failure.js';
import type { GroupFacts, MemberFacts } from './next-step.js';

/** What a run knows of the group that it replaces, besides what AWS knows. */
export interface Following {
  readonly group: string;
  readonly wanted: string;
  /** The load balancer's target group that has the group's machines; undefined for bridges. */
  readonly targetGroup: string | undefined;
  /** When the group was begun. Launches that failed earlier do not count. */
  readonly since: Date;
  /** The instance refresh that this run started or found in progress. */
  readonly refresh: string | undefined;
  /** When a machine last began to serve, in this run. */
  readonly progressed: Date;
}

/** Reads the state of a group. Throws if the group is gone. */
export async function groupFacts(
  account: Account,
  following: Following,
): Promise<{ group: Group; facts: GroupFacts; refresh: string | undefined }> {
  const { group: name, wanted, targetGroup, since, progressed } = following;
  const [[group], refresh, targets, done] = await Promise.all([
    groupsNamed(account, [name]),
    latestRefresh(account, name),
    targetGroup ? targetStates(account, targetGroup) : undefined,
    activities(account, [name]),
  ]);
  if (!group) throw new Error(`the Auto Scaling group ${name} no longer exists`);
  const healthy = new Set(targets?.filter(({ state }) => state === 'healthy').map(({ id }) => id));
  const state = ({ id, lifecycle }: Group['members'][number]): MemberFacts['state'] => {
    if (isLeaving(lifecycle)) return 'leaving';
    return lifecycle === 'InService' && (!targets || healthy.has(id)) ? 'serving' : 'starting';
  };
  return {
    group,
    refresh: refresh?.id,
    facts: {
      wanted,
      launches: group.version,
      desired: group.desired,
      members: group.members.map((member) => ({ version: member.version, state: state(member) })),
      ...(refresh && {
        refresh: {
          status: refresh.status,
          reason: refresh.reason,
          version: refresh.version,
          followed: refresh.id === following.refresh,
        },
      }),
      failedLaunch: await failedLaunch(account, done, since),
      waited: account.clock.now().getTime() - progressed.getTime(),
    },
  };
}

/**
 * A machine that told Auto Scaling at its launch hook that it cannot serve, or did not tell anything in time. Launches
 * that fail for other reasons, such as missing capacity, are tried again by Auto Scaling.
 */
async function failedLaunch(
  account: Account,
  done: Awaited<ReturnType<typeof activities>>,
  since: Date,
): Promise<string | undefined> {
  const failed = done.find(
    ({ at, status, message, description }) =>
      at >= since &&
      ['Failed', 'Cancelled'].includes(status) &&
      /lifecycle action|lifecycle hook/i.test(message) &&
      /launch/i.test(description),
  );
  if (!failed) return undefined;
  const machine = /i-[0-9a-f]+/.exec(failed.description)?.[0];
  const why = machine && provisioningFailure(await consoleOutput(account, machine));
  return `The new machine ${machine ? `${machine} ` : ''}did not become healthy${why ? `: ${why}` : '.'}`;
}
