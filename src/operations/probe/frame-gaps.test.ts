import { describe, expect, it } from 'vitest';
import { gaps } from './frame-gaps.js';

/** Samples a quarter of a second apart, by the number of videos with a new frame in each; the others are frozen. */
function looks(...live: number[]) {
  const frames: number[] = [];
  return live.map((count, index) => {
    const at = index * 250;
    for (let video = 0; video < count; video++) frames[video] = at;
    return { at, frames: [...frames] };
  });
}

describe('gaps in decoded video', () => {
  it('are from the last frame of the first video to stop to the next frame of the last to return', () => {
    expect(gaps(looks(2, 2, 1, 0, 0, 0, 2, 1, 2), 2, 0)).toEqual([{ from: 250, to: 1_500 }]);
  });

  it('use the times of decoded frames, not of samples', () => {
    const seen = [
      { at: 1_000, frames: [940, 990] },
      { at: 4_000, frames: [3_980, 3_700] },
    ];
    expect(gaps(seen, 2, 900)).toEqual([{ from: 940, to: 3_700 }]);
  });

  it('do not include short freezes', () => {
    expect(gaps(looks(2, 1, 1, 2, 2), 2, 0)).toEqual([]);
  });

  it('continue if a video returns only for a moment', () => {
    const flicker = looks(2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 2);
    expect(gaps(flicker, 2, 0)).toEqual([{ from: 0, to: 3_000 }]);
  });

  it('have no end if videos never return', () => {
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

  it('include the time in which a page was loading and took no samples', () => {
    const [first, last] = [
      { at: 0, frames: [0, 0] },
      { at: 5_000, frames: [5_000, 5_000] },
    ];
    expect(gaps([first, last], 2, 0)).toEqual([{ from: 0, to: 5_000 }]);
  });

  it('begin no earlier than requested', () => {
    expect(gaps(looks(0, 0, 0, 0, 0, 0, 0, 2, 2), 2, 500)).toEqual([{ from: 500, to: 1_750 }]);
  });
});
