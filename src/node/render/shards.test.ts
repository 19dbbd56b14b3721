import { describe, expect, it } from 'vitest';
import { sampleFacts, sampleMembers, teamFacts } from '../../../test/sample-facts.js';
import type { ClusterMember, ShardFacts } from '../facts.js';
import { shards } from './shards.js';

const { shardA, shardB, bridge } = sampleMembers;
const own = teamFacts().instance.instanceId;
const ids = (facts: ShardFacts): Record<string, number> =>
  Object.fromEntries(shards(facts).map(({ name, id }) => [name, id]));

/** What another machine of the same two shards sees. */
function seenBy(
  member: Extract<ClusterMember, { role: 'shard' }>,
  others: readonly ClusterMember[],
): ShardFacts {
  const { shard, instanceId, privateAddress, launched } = member;
  return sampleFacts({
    spec: { shard, shards: ['a', 'b'], colocatedBridge: false },
    instance: { instanceId, privateAddress, launched },
    members: others,
  });
}

describe('shards', () => {
  it('are the same for all edges', () => {
    expect(shards(seenBy(shardA, [bridge, shardB]))).toEqual(shards(seenBy(shardB, [shardA, bridge])));
  });

  it('have an id that depends on their shard only', () => {
    expect(ids(teamFacts())).toEqual({ [own]: 1, 'i-0bb': 2 });
    expect(ids(teamFacts([]))).toEqual({ [own]: 1 });
    expect(ids(seenBy(shardB, []))).toEqual({ 'i-0bb': 2 });
  });

  it('keep their id when a machine is replaced or the list of shards grows', () => {
    const after = { ...shardB, instanceId: 'i-0dd', privateAddress: '10.20.0.99' };
    expect(ids(teamFacts([after]))).toEqual({ [own]: 1, 'i-0dd': 2 });
    expect(ids(teamFacts([{ ...shardB, shard: 'aa' }]))).toEqual({ [own]: 1, 'i-0bb': 27 });
  });

  it('send new rooms to the younger of two machines of a shard, and have unique ids', () => {
    const younger = { ...shardB, instanceId: 'i-0dd', launched: shardB.launched + 60_000 };
    for (const members of [
      [shardB, younger],
      [younger, shardB],
    ]) {
      expect(shards(teamFacts(members)).slice(1)).toMatchObject([
        { name: 'i-0dd', id: 2, takesRooms: true },
        { name: 'i-0bb', id: 1002, takesRooms: false },
      ]);
    }
    const all = shards(seenBy(shardB, [younger, shardA]));
    expect(all).toEqual(shards(seenBy(younger, [shardB, shardA])));
    expect(all).toEqual(shards(seenBy(shardA, [shardB, younger])));
  });

  it('agree on machines that were launched at the same time', () => {
    const twin = { ...shardB, instanceId: 'i-0dd' };
    expect(shards(seenBy(shardB, [twin, shardA]))).toEqual(shards(seenBy(twin, [shardA, shardB])));
  });
});
