import { describe, expect, it } from 'vitest';
import { isEmpty, occupied, say } from './occupancy.js';

const a = (people?: number, meetings?: number) => ({
  cell: 'a',
  ...(people !== undefined && { people }),
  ...(meetings !== undefined && { meetings }),
});

describe('who is in meetings', () => {
  it.each([
    ['nobody', { people: 0, meetings: 0, cells: [a(0, 0)] }, true, /^Nobody is in a meeting/],
    ['one', { people: 1, meetings: 1, cells: [a(1, 1)] }, false, /^1 person is in 1 meeting at/],
    ['several', { people: 12, meetings: 3, cells: [a(12, 3)] }, false, /^12 people are in 3 meetings at/],
    ['what nobody reported', { cells: [a()] }, false, /unknown: cell a reported nothing/],
    [
      'what only one of two cells reported',
      { people: 2, meetings: 1, cells: [a(2, 1), { cell: 'b' }] },
      false,
      /^At least 2 people are in 1 meeting at meet\.example\.org; cell b reported nothing/,
    ],
    [
      'an empty cell beside a silent one',
      { people: 0, meetings: 0, cells: [a(0, 0), { cell: 'b' }] },
      false,
      /unknown: cell b/,
    ],
  ])('%s', (_, figures, empty, said) => {
    const found = occupied(figures);
    expect(isEmpty(found)).toBe(empty);
    expect(say(found, 'meet.example.org')).toMatch(said);
  });
});
