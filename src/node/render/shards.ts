import type { ClusterMember, ShardFacts } from '../facts.js';

/** A machine of a shard, as every edge of the deployment knows it. */
export interface Shard {
  /**
   * Key of rooms in the stick table: the EC2 instance id, so that a room stays with its machine and not with its
   * shard.
   */
  readonly name: string;
  readonly address: string;
  /** Key of the hash: the same on every edge, and not affected by machines that join or leave. */
  readonly id: number;
  /** False if a younger machine of the same shard takes the new rooms. This one keeps its existing ones. */
  readonly takesRooms: boolean;
}

/** Greater than the maximum number of shards. */
const NEXT_MACHINE_OF_SHARD = 1000;

/** The machines of all shards, including this one, ordered by id. */
export function shards(facts: ShardFacts): Shard[] {
  const { spec, instance } = facts;
  const here = { role: 'shard', shard: spec.shard, launched: Number.MAX_SAFE_INTEGER, ...instance } as const;
  const machines = [here, ...facts.members].filter(isShard).sort(youngestFirst);
  const seen = new Map<string, number>();
  return machines
    .map(({ shard, instanceId, privateAddress }) => {
      const younger = seen.get(shard) ?? 0;
      seen.set(shard, younger + 1);
      return {
        name: instanceId,
        address: privateAddress,
        id: shardNumber(shard) + NEXT_MACHINE_OF_SHARD * younger,
        takesRooms: younger === 0,
      };
    })
    .sort((one, other) => one.id - other.id);
}

/** Whether this is the only shard. Then nothing but the edge listens on the network. */
export const onlyShard = ({ spec }: ShardFacts): boolean => spec.shards.length === 1;

type Machine = Pick<
  Extract<ClusterMember, { role: 'shard' }>,
  'shard' | 'instanceId' | 'privateAddress' | 'launched'
>;

const isShard = (machine: { role: string }): machine is Extract<ClusterMember, { role: 'shard' }> =>
  machine.role === 'shard';

/** Machines launched in the same millisecond are ordered by id, consistently on all machines. */
const youngestFirst = (one: Machine, other: Machine): number =>
  other.launched - one.launched || (one.instanceId < other.instanceId ? 1 : -1);

/**
 * `a` is 1, `z` 26, `aa` 27: derived from the name alone, because edges may have different lists during an upgrade.
 */
const shardNumber = (shard: string): number =>
  [...shard].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0);
