import type { ClusterMember, ShardFacts } from '../facts.js';

/** A machine of a shard, as every edge of the deployment knows it. */
export interface Shard {
  /** Rooms are remembered by it: the EC2 instance id, so that a room stays with its machine and not with its shard. */
  readonly name: string;
  readonly address: string;
  /** Rooms are spread by it: the same on every edge, and not moved by a machine that comes or goes. */
  readonly id: number;
  /** False: another machine of the same shard is younger and takes the new rooms. This one keeps those that it has. */
  readonly takesRooms: boolean;
}

/** More than there can be shards. */
const NEXT_MACHINE_OF_SHARD = 1000;

/** All shards' machines, this one among them, ordered by id. */
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
        id: place(shard) + NEXT_MACHINE_OF_SHARD * younger,
        takesRooms: younger === 0,
      };
    })
    .sort((one, other) => one.id - other.id);
}

/** Whether there is no other shard to share rooms with. Then nothing of a shard listens on the network but the edge. */
export const onlyShard = ({ spec }: ShardFacts): boolean => spec.shards.length === 1;

type Machine = Pick<
  Extract<ClusterMember, { role: 'shard' }>,
  'shard' | 'instanceId' | 'privateAddress' | 'launched'
>;

const isShard = (machine: { role: string }): machine is Extract<ClusterMember, { role: 'shard' }> =>
  machine.role === 'shard';

/** Two that were launched in the same millisecond are told apart by their ids, in the same way everywhere. */
const youngestFirst = (one: Machine, other: Machine): number =>
  other.launched - one.launched || (one.instanceId < other.instanceId ? 1 : -1);

/** `a` is 1, `z` 26, `aa` 27: from the name alone, because during an upgrade edges may know lists of different lengths. */
const place = (shard: string): number =>
  [...shard].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0);
