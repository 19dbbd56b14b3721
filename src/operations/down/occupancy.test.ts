import { describe, expect, it } from 'vitest';
import { describeOccupancy, isEmpty, occupied } from './occupancy.js';

const a = (people?: number, meetings?: number) => ({
  shard: 'a',
  ...(people !== undefined && { people }),
  ...(meetings !== undefined && { meetings }),
});

describe('the number of participants in meetings', () => {
  it.each([
    ['nobody', { people: 0, meetings: 0, shards: [a(0, 0)] }, true, /^No one is in a meeting/],
    ['one', { people: 1, meetings: 1, shards: [a(1, 1)] }, false, /^1 person is in 1 meeting at/],
    ['several', { people: 12, meetings: 3, shards: [a(12, 3)] }, false, /^12 people are in 3 meetings at/],
    ['what nobody reported', { shards: [a()] }, false, /unknown whether .*: shard a published no metrics/],
    [
      'what only one of two shards reported',
      { people: 2, meetings: 1, shards: [a(2, 1), { shard: 'b' }] },
      false,
      /^At least 2 people are in 1 meeting at meet\.example\.org; shard b published no metrics/,
    ],
    [
      'an empty shard beside a silent one',
      { people: 0, meetings: 0, shards: [a(0, 0), { shard: 'b' }] },
      false,
      /unknown whether .*: shard b/,
    ],
  ])('%s', (_, metrics, empty, said) => {
    const found = occupied(metrics);
    expect(isEmpty(found)).toBe(empty);
    expect(describeOccupancy(found, 'meet.example.org')).toMatch(said);
  });
});
