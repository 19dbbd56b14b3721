import type { ClusterMember, ClusterMembers } from '../facts.js';

/**
 * Leaves out new shards that do not answer yet: EC2 reports a machine as running long before it serves. HAProxy
 * considers a new server healthy until three checks have failed, and each check of a machine that does not answer
 * takes a second. Known shards stay in any case, because their rooms are there. At the first request (`known`
 * undefined) all count as known: the edge was rendered with them.
 */
export async function withoutSilentNewcomers(
  { launched, others }: ClusterMembers,
  known: readonly ClusterMember[] | undefined,
  answers: (shard: ClusterMember) => Promise<boolean>,
): Promise<ClusterMembers> {
  const isKnown = ({ instanceId }: ClusterMember) =>
    known?.some((other) => other.instanceId === instanceId) ?? true;
  const stays = await Promise.all(
    others.map(async (other) => other.role !== 'shard' || isKnown(other) || (await answers(other))),
  );
  return { launched, others: others.filter((_, index) => stays[index]) };
}
