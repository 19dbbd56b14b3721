import { describe, expect, it } from 'vitest';
import { sampleMembers } from '../../../../test/sample-facts.js';
import { isAt, moveObjection } from './move-endpoints.js';

const { bridge, shardB } = sampleMembers;
const known = [bridge, shardB];

describe('a bridge may have its participants moved', () => {
  it.each([
    ['from its own address', bridge.instanceId, bridge.privateAddress, known, true],
    ['not from the address of another machine', bridge.instanceId, shardB.privateAddress, known, false],
    ['not if it is a shard', shardB.instanceId, shardB.privateAddress, known, false],
    ['not if it is unknown', 'i-0ff', bridge.privateAddress, known, false],
    ['not while no machine is known', bridge.instanceId, bridge.privateAddress, undefined, false],
    ['not without an address', bridge.instanceId, undefined, known, false],
  ])('%s', (_, id, from, others, expected) => {
    expect(isAt(id, from, others)).toBe(expected);
  });
});

describe('participants of a bridge stay where they are', () => {
  const serving = { operational: true, drain: false };
  const draining = { operational: true, drain: true };
  it.each([
    ['until Jicofo knows that it drains', { own: serving, other: serving }, 'does not know yet'],
    ['while there is no other bridge', { own: draining }, 'no other bridge'],
    [
      'while all other bridges drain, too, or are not warmed up',
      { own: draining, other: draining },
      'no other bridge',
    ],
    [
      'while no other bridge works',
      { own: draining, other: { operational: false, drain: false } },
      'no other bridge',
    ],
  ])('%s', (_, bridges, why) => {
    expect(moveObjection('own', bridges)).toContain(why);
  });

  it('but not if another bridge accepts participants', () => {
    expect(moveObjection('own', { own: draining, other: serving, full: draining })).toBeUndefined();
  });
});
