import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hours, isOpen, neverCloses, nextOpening } from '../config/hours.js';
import { machineChanges, runningHoursAMonth } from './hours.js';

const hours = (...open: Hours['open']): Hours => ({ open, timezone: 'Europe/Berlin' });
const office = hours({ days: 'MON-FRI', from: '07:30', until: '18:00' });
const shown = (all: readonly { recurrence: string; value: unknown }[]) =>
  all.map(({ recurrence, value }) => `${recurrence} → ${value}`);

describe('open hours', () => {
  it('start machines a quarter of an hour before they begin, and end them when they end', () => {
    expect(shown(machineChanges(office, { min: 1 }))).toEqual([
      '15 7 * * MON,TUE,WED,THU,FRI → 1',
      '0 18 * * MON,TUE,WED,THU,FRI → 0',
    ]);
  });

  it('have the higher minimum of busy times, but only while they are open', () => {
    const schedule = [
      { days: 'MON', from: '07:00', until: '09:00', min: 5 },
      { days: 'SUN', from: '07:00', until: '09:00', min: 5 },
    ];
    expect(shown(machineChanges(office, { min: 2, schedule })).sort()).toEqual([
      '0 18 * * MON,TUE,WED,THU,FRI → 0',
      '0 9 * * MON → 2',
      '15 7 * * MON → 5',
      '15 7 * * TUE,WED,THU,FRI → 2',
    ]);
  });

  it('that touch or overlap are one time, and one that begins at midnight starts machines on the day before', () => {
    const touching = hours(
      { days: 'SAT', from: '00:00', until: '12:00' },
      { days: 'SAT', from: '12:10', until: '13:00' },
    );
    expect(shown(machineChanges(touching, { min: 1 }))).toEqual(['45 23 * * FRI → 1', '0 13 * * SAT → 0']);
  });

  it('are in their time zone, also when the clock changes', () => {
    expect(isOpen(office, new Date('2026-12-03T06:29:59Z'))).toBe(false);
    expect(isOpen(office, new Date('2026-12-03T06:30:00Z'))).toBe(true);
    expect(isOpen(office, new Date('2026-07-03T05:30:00Z'))).toBe(true);
    expect(isOpen(office, new Date('2026-12-05T12:00:00Z'))).toBe(false);
    expect(nextOpening(office, new Date('2026-12-04T17:30:00Z'))).toEqual({ day: 'MON', time: '07:30' });
    expect(nextOpening(office, new Date('2026-12-03T05:00:00Z'))).toEqual({ day: 'THU', time: '07:30' });
  });

  it('that cover the week never close', () => {
    const always = hours({ days: 'MON-SUN', from: '00:00', until: '23:59' });
    expect(neverCloses(always)).toBe(true);
    expect(neverCloses(office)).toBe(false);
    expect(runningHoursAMonth(machineChanges(office, { min: 2 }))).toBeCloseTo((5 * 10.75 * 730) / 168);
    expect(runningHoursAMonth([{ recurrence: '0 8 * * MON', value: 3 }])).toBe(730);
    expect(runningHoursAMonth([])).toBe(730);
  });

  it('never leave machines off while the page is open', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 5, 30, 59))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    const time = fc
      .record({ days: fc.constantFrom('MON-FRI', 'SAT,SUN', 'FRI-MON', 'WED'), from: clock, until: clock })
      .filter(({ from, until }) => from < until);
    fc.assert(
      fc.property(
        fc.array(time, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 10_079 }),
        (open, at) => {
          const set = { open, timezone: 'UTC' };
          // 30 November 2026 is a Monday.
          const moment = new Date(Date.UTC(2026, 10, 30) + at * 60_000);
          return !isOpen(set, moment) || sizeAt(machineChanges(set, { min: 1 }), at) !== 0;
        },
      ),
    );
  });
});

/** The value in effect at a minute of the week, as cron expressions set it. Undefined: there are no changes. */
function sizeAt(all: ReturnType<typeof machineChanges>, at: number): number | undefined {
  const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];
  const times = all.flatMap(({ recurrence, value }) => {
    const [minute, hour, , , on = ''] = recurrence.split(' ');
    return on
      .split(',')
      .map((day) => ({ at: days.indexOf(day) * 1440 + Number(hour) * 60 + Number(minute), value }));
  });
  times.sort((one, other) => one.at - other.at);
  return (times.findLast((time) => time.at <= at) ?? times.at(-1))?.value;
}
