import type { ClusterMember } from '../../facts.js';

export type Shard = Extract<ClusterMember, { role: 'shard' }>;

/** Id of the MUC client with which a bridge logs in at a shard's machine. */
const clientId = ({ shard, instanceId }: Shard): string => `shard-${shard}-${instanceId}`;
const OURS = /^shard-[a-z]{1,2}-i-[0-9a-f]+$/;

export interface LoginChanges {
  readonly add: readonly { readonly id: string; readonly shard: Shard }[];
  /** Ids of MUC clients. */
  readonly remove: readonly string[];
}

/**
 * Compares the shards that exist with the MUC clients that the bridge lists. A restarted bridge lists none and gets
 * all of them again. While the shards are unknown (`known` undefined), nothing is removed.
 */
export function loginChanges(
  known: readonly ClusterMember[] | undefined,
  listed: readonly string[],
): LoginChanges {
  if (!known) return { add: [], remove: [] };
  const wanted = new Map(
    known.flatMap((other) => (other.role === 'shard' ? [[clientId(other), other]] : [])),
  );
  return {
    add: [...wanted].filter(([id]) => !listed.includes(id)).map(([id, shard]) => ({ id, shard })),
    remove: listed.filter((id) => OURS.test(id) && !wanted.has(id)),
  };
}
