import { describe, expect, it } from 'vitest';
import { bridgesLost } from './bridges-lost.js';

const MINUTE = 60_000;

/** What is said at each minute, from the numbers of bridges at those minutes. */
const minutes = (...bridges: (number | undefined)[]) => {
  const isLost = bridgesLost(0);
  return bridges.map((each, minute) => isLost(each, minute * MINUTE));
};

describe('a shard has lost its bridges', () => {
  it('three minutes after the last one, until there is one again', () => {
    expect(minutes(2, 0, 0, 0, 0, 1, 0)).toEqual([false, false, false, true, true, false, false]);
  });

  it('not while the first bridges of a new deployment start, but if they never come', () => {
    const said = minutes(...Array.from({ length: 17 }, () => 0));
    expect(said.indexOf(true)).toBe(15);
  });

  it('not while Jicofo does not answer, which is another cause', () => {
    expect(minutes(1, undefined, undefined, undefined, undefined)).not.toContain(true);
  });
});
