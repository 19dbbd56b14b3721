import { describe, expect, it } from 'vitest';
import { sampleBridge, sampleFacts, sampleMembers } from '../../../test/sample-facts.js';
import { pause, someMissing } from './poll-interval.js';

const seconds = (at: { changedAt?: number; failures?: number; missing?: boolean }, now: number): number =>
  pause({ changedAt: 0, failures: 0, ...at }, at.missing ?? false, now * 1_000, 0.5) / 1_000;

describe('EC2 is asked', () => {
  it.each([
    ['quickly after a change', {}, 30, 2],
    ['calmly when nothing happens', {}, 90, 10],
    ['quickly while somebody is missing', { missing: true }, 300, 2],
    ['calmly about somebody who does not come', { missing: true }, 700, 10],
    ['no more often for a failure', { failures: 1 }, 0, 10],
    ['more seldom the more failures', { failures: 3 }, 0, 40],
    ['once a minute at the least', { failures: 30 }, 0, 60],
  ])('%s', (_, at, now, expected) => {
    expect(seconds(at, now)).toBe(expected);
  });

  it('not by all machines at the same moment', () => {
    const at = (random: number) => pause({ changedAt: 0, failures: 0 }, false, 90_000, random);
    expect([at(0), at(1)]).toEqual([8_000, 12_000]);
  });
});

describe('someMissing', () => {
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
    expect(someMissing(spec, known)).toBe(expected);
  });
});
