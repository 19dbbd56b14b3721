import { describe, expect, it } from 'vitest';
import { sampleNeighbours } from '../../../test/sample-facts.js';
import { isAt } from './moves.js';

const { bridge, cellB } = sampleNeighbours;
const known = [bridge, cellB];

describe('a bridge may have its people moved', () => {
  it.each([
    ['from its own address', bridge.instanceId, bridge.privateAddress, known, true],
    ['not from that of another machine', bridge.instanceId, cellB.privateAddress, known, false],
    ['not if it is a cell', cellB.instanceId, cellB.privateAddress, known, false],
    ['not if nobody knows it', 'i-0ff', bridge.privateAddress, known, false],
    ['not while nobody is known', bridge.instanceId, bridge.privateAddress, undefined, false],
    ['not from nowhere', bridge.instanceId, undefined, known, false],
  ])('%s', (_, id, from, others, expected) => {
    expect(isAt(id, from, others)).toBe(expected);
  });
});
