import { describe, expect, it } from 'vitest';
import { growing, reception, type Sound, type StatsSample, steady, type Video } from './webrtc-stats.js';

const video = (id: string, framesDecoded: number, more: Partial<Video> = {}): Video => ({
  id,
  framesDecoded,
  packetsReceived: framesDecoded,
  packetsLost: 0,
  screen: false,
  ...more,
});

const sound = (id: string, energy: number, packetsReceived = 0, packetsLost = 0): Sound => ({
  id,
  energy,
  packetsReceived,
  packetsLost,
});

const sight = (videos: readonly Video[], sounds: readonly Sound[] = []): StatsSample => ({
  videos: [...videos],
  sounds: [...sounds],
  dataChannel: true,
  bridges: [],
});

describe('a video is live', () => {
  it('if more of it was decoded than in the previous sample', () => {
    expect(growing([video('a', 10), video('b', 5)], [video('a', 12), video('b', 5)])).toEqual([
      video('a', 12),
    ]);
  });

  it('only from its second sample on, because frames from before a freeze do not count', () => {
    expect(growing([], [video('a', 100)])).toEqual([]);
  });
});

describe('videos have reached their size', () => {
  const small = { width: 320, height: 180 };
  const large = { width: 640, height: 360 };

  it('if each has the same size as before', () => {
    const before = [video('a', 10, large), video('b', 10, small)];
    const now = [video('a', 90, large), video('b', 90, small)];
    expect(steady(before, now)).toBe(true);
  });

  it('but not while one grows or is new', () => {
    expect(steady([video('a', 10, small)], [video('a', 90, large)])).toBe(false);
    expect(steady([video('a', 10, large)], [video('a', 90, large), video('b', 5, small)])).toBe(false);
  });
});

describe('media received between two samples', () => {
  it('has the frame rate of live videos, without earlier frames', () => {
    const { videos } = reception(
      sight([video('a', 100), video('frozen', 70)]),
      sight([video('a', 175), video('frozen', 70)]),
      5,
    );
    expect(videos.map(({ id, rate }) => [id, rate])).toEqual([['a', 15]]);
  });

  it('counts as heard if it is not silence', () => {
    const before = sight([], [sound('beeps', 1, 10), sound('silent', 0, 10)]);
    const now = sight([], [sound('beeps', 1.5, 60), sound('silent', 0, 60)]);
    expect(reception(before, now, 1).heard).toBe(1);
  });

  it('has the loss of video and audio packets since the first sample', () => {
    const before = sight([video('a', 0, { packetsReceived: 1000, packetsLost: 500 })], [sound('b', 0)]);
    const now = sight([video('a', 9, { packetsReceived: 1090, packetsLost: 509 })], [sound('b', 1, 100, 1)]);
    expect(reception(before, now, 1).loss).toBeCloseTo(10 / 200);
  });

  it('has no loss if more packets arrived late than were lost, and unknown loss without packets', () => {
    const before = sight([video('a', 0, { packetsReceived: 10, packetsLost: 5 })]);
    const late = sight([video('a', 9, { packetsReceived: 20, packetsLost: 3 })]);
    expect(reception(before, late, 1).loss).toBe(0);
    expect(reception(before, before, 1).loss).toBeUndefined();
  });
});
