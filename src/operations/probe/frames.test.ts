import { describe, expect, it } from 'vitest';
import { gaps } from './frames.js';

const samples = (...live: number[]) => live.map((count, index) => ({ at: index * 250, live: count }));

describe('gaps in decoded pictures', () => {
  it('are from the last moment at which all were seen to the next', () => {
    expect(gaps(samples(2, 2, 1, 0, 0, 0, 2, 1, 2), 2, 0)).toEqual([{ from: 250, to: 1_500 }]);
  });

  it('are none where a picture stood still for a moment', () => {
    expect(gaps(samples(2, 1, 1, 2, 2), 2, 0)).toEqual([]);
  });

  it('go on where a picture came for a moment only', () => {
    const flicker = samples(2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2);
    expect(gaps(flicker, 2, 0)).toEqual([{ from: 0, to: 3_000 }]);
  });

  it('last where they never came back', () => {
    expect(gaps(samples(2, 2, 0, 1, 0, 0, 0), 2, 0)).toEqual([{ from: 250, to: undefined }]);
  });

  it('are also where a page was away and gave no samples', () => {
    const [first, last] = [
      { at: 0, live: 2 },
      { at: 5_000, live: 2 },
    ];
    expect(gaps([first, last], 2, 0)).toEqual([{ from: 0, to: 5_000 }]);
  });

  it('begin no earlier than asked for', () => {
    expect(gaps(samples(0, 0, 0, 0, 0, 0, 0, 2, 2), 2, 500)).toEqual([{ from: 500, to: 1_750 }]);
  });
});
