import { describe, expect, it } from 'vitest';
import { gaps } from './frame-gaps.js';

/** Looks a quarter of a second apart, by how many videos had a new frame in each; the others stand still. */
function looks(...live: number[]) {
  const frames: number[] = [];
  return live.map((count, index) => {
    const at = index * 250;
    for (let video = 0; video < count; video++) frames[video] = at;
    return { at, frames: [...frames] };
  });
}

describe('gaps in decoded pictures', () => {
  it('are from the last frame of who stopped first to the next of who came last', () => {
    expect(gaps(looks(2, 2, 1, 0, 0, 0, 2, 1, 2), 2, 0)).toEqual([{ from: 250, to: 1_500 }]);
  });

  it('are told by when frames were decoded, not by when the page looked', () => {
    const seen = [
      { at: 1_000, frames: [940, 990] },
      { at: 4_000, frames: [3_980, 3_700] },
    ];
    expect(gaps(seen, 2, 900)).toEqual([{ from: 940, to: 3_700 }]);
  });

  it('are none where a picture stood still for a moment', () => {
    expect(gaps(looks(2, 1, 1, 2, 2), 2, 0)).toEqual([]);
  });

  it('go on where a picture came for a moment only', () => {
    const flicker = looks(2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2);
    expect(gaps(flicker, 2, 0)).toEqual([{ from: 0, to: 3_000 }]);
  });

  it('last where they never came back', () => {
    expect(gaps(looks(2, 2, 0, 1, 0, 0, 0), 2, 0)).toEqual([{ from: 250, to: undefined }]);
  });

  it('continue if connections were opened again, and one of two is back', () => {
    const seen = [
      { at: 0, frames: [0, 0] },
      { at: 1_500, frames: [] },
      { at: 2_000, frames: [2_000] },
      { at: 2_500, frames: [2_500, 2_400] },
    ];
    expect(gaps(seen, 2, 0)).toEqual([{ from: 0, to: 2_400 }]);
  });

  it('are also where a page was away and did not look', () => {
    const [first, last] = [
      { at: 0, frames: [0, 0] },
      { at: 5_000, frames: [5_000, 5_000] },
    ];
    expect(gaps([first, last], 2, 0)).toEqual([{ from: 0, to: 5_000 }]);
  });

  it('begin no earlier than asked for', () => {
    expect(gaps(looks(0, 0, 0, 0, 0, 0, 0, 2, 2), 2, 500)).toEqual([{ from: 500, to: 1_750 }]);
  });
});
