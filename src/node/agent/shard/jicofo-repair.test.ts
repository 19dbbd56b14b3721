import { describe, expect, it } from 'vitest';
import { type BridgeCounts, NOTHING_TO_REPAIR, nextRepairState } from './jicofo-repair.js';

const SECOND = 1_000;

/** At which seconds Jicofo is restarted, given the counts of each check, five seconds apart. */
function restarts(counts: readonly BridgeCounts[]): number[] {
  let state = NOTHING_TO_REPAIR;
  return counts.flatMap((one, index) => {
    const next = nextRepairState(state, one, index * 5 * SECOND);
    state = next.state;
    return next.restart ? [index * 5] : [];
  });
}

const check = (known: number | undefined, inBrewery: number | undefined): BridgeCounts => ({
  known,
  inBrewery,
});
const times = (count: number, one: BridgeCounts): BridgeCounts[] => Array(count).fill(one);

describe('Jicofo is restarted', () => {
  it('once, after ten seconds without the bridges that are logged in', () => {
    expect(restarts(times(30, check(0, 2)))).toEqual([10]);
  });

  it('again if it has known bridges in the meantime', () => {
    expect(restarts([...times(5, check(0, 2)), check(2, undefined), ...times(5, check(0, 2))])).toEqual([
      10, 40,
    ]);
  });

  it('although one check in between had no answer', () => {
    expect(restarts([check(0, 1), check(undefined, undefined), check(0, undefined), check(0, 1)])).toEqual([
      15,
    ]);
  });
});

describe('Jicofo is not restarted', () => {
  it.each([
    ['no bridge is logged in', times(30, check(0, 0))],
    ['Jicofo does not answer', times(30, check(undefined, undefined))],
    ['Prosody does not answer', times(30, check(0, undefined))],
    ['it learns of a new bridge within seconds', [check(0, 0), check(0, 1), check(1, undefined)]],
    ['bridges come and go', [check(0, 1), check(0, 0), check(0, 1), check(0, 0), check(0, 1)]],
  ])('while %s', (_, counts) => {
    expect(restarts(counts)).toEqual([]);
  });
});
