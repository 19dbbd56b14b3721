import { describe, expect, it } from 'vitest';
import { change, type Load, SCALING, scheduledMinimums } from './scaling.js';

const load = (over: Partial<Load> = {}): Load => ({ recent: [], minutes: [], running: 2, ...over });
const at = (average: number, maximum = average) => ({ average, maximum });
/** Ten minutes in which each of two bridges reported all it should. */
const calm = Array.from({ length: SCALING.in.minutes }, () => ({ average: 0.1, reports: 12 }));

describe('the number of bridges', () => {
  it.each([
    ['stays without any report', load(), 0],
    ['stays at one high value: it may be a hiccup', load({ recent: [at(0.9), at(0.2), at(0.2)] }), 0],
    ['grows by one above the threshold', load({ recent: [at(0.55), at(0.52), at(0.3)] }), 1],
    ['grows by more the higher it is', load({ recent: [at(0.85), at(0.8), at(0.75)] }), 4],
    ['grows for one full bridge among idle ones', load({ recent: [at(0.3, 0.8), at(0.3, 0.75)] }), 1],
    ['grows although a value is missing', load({ recent: [at(0.6), undefined, at(0.6)] }), 1],
    ['falls by one after ten calm minutes', load({ recent: [at(0.1)], minutes: calm }), -1],
    ['stays when one of the minutes was busy', load({ minutes: [...calm.slice(1), at2(0.3)] }), 0],
    ['stays when nothing came in a minute', load({ minutes: [undefined, ...calm.slice(1)] }), 0],
    ['stays when one of the bridges has gone silent', load({ minutes: calm, running: 3 }), 0],
  ])('%s', (_, given, wanted) => {
    expect(change(given)).toBe(wanted);
  });

  it('never requires a new bridge because one was removed', () => {
    // The load of two bridges just under the threshold, on one.
    expect(2 * SCALING.in.average).toBeLessThan(SCALING.out.average);
  });
});

function at2(average: number) {
  return { average, reports: 12 };
}

describe('a schedule', () => {
  const minimums = (...schedule: { days: string; from: string; until: string; min: number }[]) =>
    scheduledMinimums({ min: 2, schedule }).map(({ recurrence, min }) => `${recurrence} → ${min}`);

  it('raises the minimum and restores it', () => {
    expect(minimums({ days: 'MON-FRI', from: '08:30', until: '17:00', min: 10 })).toEqual([
      '30 8 * * MON,TUE,WED,THU,FRI → 10',
      '0 17 * * MON,TUE,WED,THU,FRI → 2',
    ]);
  });

  it('keeps the higher minimum of two busy times that overlap, on the days on which they do', () => {
    expect(
      minimums(
        { days: 'MON-TUE', from: '08:00', until: '12:00', min: 5 },
        { days: 'TUE', from: '10:00', until: '14:00', min: 8 },
      ),
    ).toEqual([
      '0 8 * * MON,TUE → 5',
      '0 12 * * MON → 2',
      '0 12 * * TUE → 8',
      '0 10 * * TUE → 8',
      '0 14 * * TUE → 2',
    ]);
  });

  it('supports a range of days over the end of the week', () => {
    expect(minimums({ days: 'SAT-MON', from: '08:00', until: '09:00', min: 3 })[0]).toBe(
      '0 8 * * MON,SAT,SUN → 3',
    );
  });
});
