import type { ClusterMember } from '../../facts.js';

export type Shard = Extract<ClusterMember, { role: 'shard' }>;

/** Name of a bridge's login at a machine of a shard. */
const loginAt = ({ shard, instanceId }: Shard): string => `shard-${shard}-${instanceId}`;
const OURS = /^shard-[a-z]{1,2}-i-[0-9a-f]+$/;

export interface Logins {
  readonly add: readonly { readonly id: string; readonly shard: Shard }[];
  /** Ids. */
  readonly remove: readonly string[];
}

/**
 * Which logins a bridge lacks, and which it has of machines that are gone, given those that it lists. It is asked again
 * and again, so a bridge that was restarted, and knows none, has them all a moment later. As long as nobody has found
 * out which shards there are, none is removed.
 */
export function logins(known: readonly ClusterMember[] | undefined, listed: readonly string[]): Logins {
  if (!known) return { add: [], remove: [] };
  const wanted = new Map(known.flatMap((other) => (other.role === 'shard' ? [[loginAt(other), other]] : [])));
  return {
    add: [...wanted].filter(([id]) => !listed.includes(id)).map(([id, shard]) => ({ id, shard })),
    remove: listed.filter((id) => OURS.test(id) && !wanted.has(id)),
  };
}
