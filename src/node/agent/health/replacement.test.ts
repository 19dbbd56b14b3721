import { describe, expect, it } from 'vitest';
import { ALL_HEALTHY, nextReplacementState } from './replacement.js';

const good = { healthy: true, reason: '' };
const bad = { healthy: false, reason: 'systemd gave up on nginx.' };

/** Seconds at which Auto Scaling is told, for verdicts that come every 5 s. */
function toldAt(verdicts: (typeof good)[]): number[] {
  let state = ALL_HEALTHY;
  return verdicts.flatMap((verdict, round) => {
    const considered = nextReplacementState(state, verdict, round * 5_000);
    state = considered.state;
    return considered.tell ? [round * 5] : [];
  });
}

describe('nextReplacementState', () => {
  it('tells after half a minute without a break, and again each minute', () => {
    expect(toldAt(Array(20).fill(bad))).toEqual([30, 90]);
  });

  it('starts over when the machine was well in between', () => {
    expect(toldAt([bad, bad, bad, bad, bad, bad, good, bad, bad, bad, bad, bad, bad])).toEqual([]);
  });

  it('never tells for a machine that is well', () => {
    expect(toldAt(Array(20).fill(good))).toEqual([]);
  });
});
