import { describe, expect, it } from 'vitest';
import { sampleBridge, sampleFacts, sampleMembers } from '../../../test/sample-facts.js';
import { membersMissing, pollInterval } from './poll-interval.js';

const seconds = (at: { changedAt?: number; failures?: number; missing?: boolean }, now: number): number =>
  pollInterval({ changedAt: 0, failures: 0, ...at }, at.missing ?? false, now * 1_000, 0.5) / 1_000;

describe('EC2 is polled', () => {
  it.each([
    ['at short intervals after a change', {}, 30, 2],
    ['at long intervals while nothing changes', {}, 90, 10],
    ['at short intervals while a machine is missing', { missing: true }, 300, 2],
    ['at long intervals if the missing machine never comes', { missing: true }, 700, 10],
    ['no more often after a failure', { failures: 1 }, 0, 10],
    ['less often after several failures', { failures: 3 }, 0, 40],
    ['at least once a minute', { failures: 30 }, 0, 60],
  ])('%s', (_, at, now, expected) => {
    expect(seconds(at, now)).toBe(expected);
  });

  it('not by all machines at the same moment', () => {
    const at = (random: number) => pollInterval({ changedAt: 0, failures: 0 }, false, 90_000, random);
    expect([at(0), at(1)]).toEqual([8_000, 12_000]);
  });
});

describe('membersMissing', () => {
  const { shardB, bridge } = sampleMembers;
  const shard = sampleFacts({ spec: { shards: ['a', 'b'], colocatedBridge: false } }).spec;
  it.each([
    ['a shard that knows nothing', shard, undefined, true],
    ['a shard without bridges', shard, [shardB], true],
    ['a shard without the other shard', shard, [bridge], true],
    ['a shard with everything', shard, [bridge, shardB], false],
    ['a bridge without shards', sampleBridge().spec, [bridge], true],
    ['a bridge with a shard', sampleBridge().spec, [shardB], false],
  ])('for %s', (_, spec, known, expected) => {
    expect(membersMissing(spec, known)).toBe(expected);
  });
});
