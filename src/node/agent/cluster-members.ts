import { WEB_HEALTH_PATH } from '../../contract/machine-layout.js';
import type { MachineSpec } from '../../contract/machine-spec.js';
import { PORTS } from '../../contract/ports.js';
import type { Discover } from '../cluster-members/discover.js';
import { membersMissing, type PollHistory, pollInterval } from '../cluster-members/poll-interval.js';
import { savedMembers, saveMembers } from '../cluster-members/saved.js';
import { withoutSilentNewcomers } from '../cluster-members/silent-newcomers.js';
import type { ClusterMember, ClusterMembers } from '../facts.js';
import { get } from './daemons/rest.js';
import { every } from './every.js';
import { log } from './log.js';

export interface MembersWatch {
  /**
   * Other machines as of EC2's last answer; undefined before the first one. A failed request changes nothing. For a
   * shard, another new shard is listed once its web server answers.
   */
  known(): readonly ClusterMember[] | undefined;
  /** Polls EC2 until the process ends. */
  watch(): Promise<never>;
}

export async function watchMembers(spec: MachineSpec, discover: Discover): Promise<MembersWatch> {
  // A restarted agent continues with the saved list.
  let found: ClusterMembers | undefined = await savedMembers().catch(() => undefined);
  let history: PollHistory = { changedAt: Date.now(), failures: 0 };

  async function refresh(): Promise<void> {
    let now: ClusterMembers;
    try {
      now = await discover();
      if (spec.role === 'shard') now = await withoutSilentNewcomers(now, found?.others, answers);
    } catch (error) {
      history = { ...history, failures: history.failures + 1 };
      throw error;
    }
    history = { ...history, failures: 0 };
    if (JSON.stringify(now) === JSON.stringify(found)) return;
    await saveMembers(now);
    logChange(found?.others ?? [], now.others);
    found = now;
    history = { ...history, changedAt: Date.now() };
  }

  const known = () => found?.others;
  const interval = () => pollInterval(history, membersMissing(spec, known()), Date.now(), Math.random());
  return { known, watch: () => every(interval, 'listing machines in EC2', refresh) };
}

/**
 * Nothing more than the web server is required: the other shard's edge needs a peer soon to receive the stick table.
 */
const answers = async ({ privateAddress }: ClusterMember): Promise<boolean> =>
  (await get(`http://${privateAddress}:${PORTS.web}${WEB_HEALTH_PATH}`))?.ok === true;

function logChange(before: readonly ClusterMember[], now: readonly ClusterMember[]): void {
  const without = (all: readonly ClusterMember[], others: readonly ClusterMember[]) =>
    all.filter(({ instanceId }) => !others.some((other) => other.instanceId === instanceId));
  for (const other of without(now, before))
    log.info(`${memberName(other)} joined, at ${other.privateAddress}`);
  for (const other of without(before, now)) log.info(`${memberName(other)} left`);
}

export const memberName = (other: ClusterMember): string =>
  other.role === 'shard' ? `shard ${other.shard} (${other.instanceId})` : `bridge ${other.instanceId}`;
