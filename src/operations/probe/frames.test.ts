import { describe, expect, it } from 'vitest';
import { longestGap } from './frames.js';

const samples = (...live: number[]) => live.map((count, index) => ({ at: index * 250, live: count }));

describe('the longest gap in decoded pictures', () => {
  it('is from the last moment at which all were seen to the next', () => {
    expect(longestGap(samples(2, 2, 1, 0, 0, 2, 1, 2), 2, 0)).toEqual({ seconds: 1, over: true });
  });

  it('goes on to the end when they never came back', () => {
    expect(longestGap(samples(2, 2, 0, 1, 0), 2, 0)).toEqual({ seconds: 0.75, over: false });
  });

  it('begins no earlier than asked for', () => {
    expect(longestGap(samples(0, 0, 0, 0, 2, 2), 2, 900)).toEqual({ seconds: 0.25, over: true });
  });
});
