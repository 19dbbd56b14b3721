import { describe, expect, it } from 'vitest';
import { sampleMembers } from '../../../../test/sample-facts.js';
import { isAt, moveObjection } from './move-endpoints.js';

const { bridge, shardB } = sampleMembers;
const known = [bridge, shardB];

describe('a bridge may have its people moved', () => {
  it.each([
    ['from its own address', bridge.instanceId, bridge.privateAddress, known, true],
    ['not from that of another machine', bridge.instanceId, shardB.privateAddress, known, false],
    ['not if it is a shard', shardB.instanceId, shardB.privateAddress, known, false],
    ['not if nobody knows it', 'i-0ff', bridge.privateAddress, known, false],
    ['not while nobody is known', bridge.instanceId, bridge.privateAddress, undefined, false],
    ['not from nowhere', bridge.instanceId, undefined, known, false],
  ])('%s', (_, id, from, others, expected) => {
    expect(isAt(id, from, others)).toBe(expected);
  });
});

describe('people of a bridge stay where they are', () => {
  const serving = { operational: true, drain: false };
  const draining = { operational: true, drain: true };
  it.each([
    ['until Jicofo has heard that it drains', { own: serving, other: serving }, 'not heard yet'],
    ['while there is no other', { own: draining }, 'no other bridge'],
    ['while every other drains, too, or is not warm', { own: draining, other: draining }, 'no other bridge'],
    [
      'while no other works',
      { own: draining, other: { operational: false, drain: false } },
      'no other bridge',
    ],
  ])('%s', (_, bridges, why) => {
    expect(moveObjection('own', bridges)).toContain(why);
  });

  it('but not when another takes people', () => {
    expect(moveObjection('own', { own: draining, other: serving, full: draining })).toBeUndefined();
  });
});
