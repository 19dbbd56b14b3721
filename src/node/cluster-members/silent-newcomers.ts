import type { ClusterMember, ClusterMembers } from '../facts.js';

/**
 * Leaves out shards that are not known yet and do not answer: EC2 calls a machine running long before it is of use. HAProxy
 * takes a server that it hears of for well until it has asked three times, and each question to a machine that is not there
 * takes a second. One that is known stays, whatever it answers: its rooms are there. At the first look, `known` undefined,
 * all are known: the edge was made with them.
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
