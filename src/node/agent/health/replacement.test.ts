import { describe, expect, it } from 'vitest';
import { ALL_HEALTHY, nextReplacementState } from './replacement.js';

const good = { healthy: true, reason: '' };
const bad = { healthy: false, reason: 'systemd gave up on nginx.' };

/** Seconds at which a replacement is requested, with a verdict every 5 s. */
function requestedAt(verdicts: (typeof good)[]): number[] {
  let state = ALL_HEALTHY;
  return verdicts.flatMap((verdict, round) => {
    const considered = nextReplacementState(state, verdict, round * 5_000);
    state = considered.state;
    return considered.request ? [round * 5] : [];
  });
}

describe('nextReplacementState', () => {
  it('requests a replacement after half a minute without interruption, and again each minute', () => {
    expect(requestedAt(Array(20).fill(bad))).toEqual([30, 90]);
  });

  it('starts over if the machine was healthy in between', () => {
    expect(requestedAt([bad, bad, bad, bad, bad, bad, good, bad, bad, bad, bad, bad, bad])).toEqual([]);
  });

  it('never requests one for a healthy machine', () => {
    expect(requestedAt(Array(20).fill(good))).toEqual([]);
  });
});
