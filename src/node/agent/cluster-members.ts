import { WEB_HEALTH_PATH } from '../../contract/machine-layout.js';
import type { MachineSpec } from '../../contract/machine-spec.js';
import { PORTS } from '../../contract/ports.js';
import type { Discover } from '../cluster-members/discover.js';
import { type Pace, pause, someMissing } from '../cluster-members/poll-interval.js';
import { savedMembers, saveMembers } from '../cluster-members/saved.js';
import { withoutSilentNewcomers } from '../cluster-members/silent-newcomers.js';
import type { ClusterMember, ClusterMembers } from '../facts.js';
import { get } from './daemons/rest.js';
import { every } from './every.js';
import { log } from './journal.js';

export interface ClusterWatch {
  /**
   * Who was there when EC2 last told; undefined while it has not. An answer that does not come changes nothing. To a shard,
   * another shard is there once its web server answers.
   */
  known(): readonly ClusterMember[] | undefined;
  /** Keeps asking. */
  watch(): Promise<never>;
}

export async function members(spec: MachineSpec, discover: Discover): Promise<ClusterWatch> {
  // An agent that was restarted goes on with what it knew.
  let found: ClusterMembers | undefined = await savedMembers().catch(() => undefined);
  let pace: Pace = { changedAt: Date.now(), failures: 0 };

  async function ask(): Promise<void> {
    let now: ClusterMembers;
    try {
      now = await discover();
      if (spec.role === 'shard') now = await withoutSilentNewcomers(now, found?.others, answers);
    } catch (error) {
      pace = { ...pace, failures: pace.failures + 1 };
      throw error;
    }
    pace = { ...pace, failures: 0 };
    if (JSON.stringify(now) === JSON.stringify(found)) return;
    await saveMembers(now);
    logChange(found?.others ?? [], now.others);
    found = now;
    pace = { ...pace, changedAt: Date.now() };
  }

  const known = () => found?.others;
  const period = () => pause(pace, someMissing(spec, known()), Date.now(), Math.random());
  return { known, watch: () => every(period, 'EC2 does not tell who is there', ask) };
}

/** Its web server comes first. That its edge must soon hear which room is where is why nothing more is waited for. */
const answers = async ({ privateAddress }: ClusterMember): Promise<boolean> =>
  (await get(`http://${privateAddress}:${PORTS.web}${WEB_HEALTH_PATH}`))?.ok === true;

function logChange(before: readonly ClusterMember[], now: readonly ClusterMember[]): void {
  const without = (all: readonly ClusterMember[], others: readonly ClusterMember[]) =>
    all.filter(({ instanceId }) => !others.some((other) => other.instanceId === instanceId));
  for (const other of without(now, before)) log(`${name(other)} is there, at ${other.privateAddress}`);
  for (const other of without(before, now)) log(`${name(other)} is gone`);
}

export const name = (other: ClusterMember): string =>
  other.role === 'shard' ? `shard ${other.shard} (${other.instanceId})` : `bridge ${other.instanceId}`;
