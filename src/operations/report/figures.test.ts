import { describe, expect, it } from 'vitest';
import { days, figures, type History, incidentsIn } from './figures.js';

const DAY = '2026-12-01';
const at = (clock: string, day = DAY) => new Date(`${day}T${clock}:00Z`);
const series = (values: Readonly<Record<string, number>>, day = DAY) =>
  new Map(Object.entries(values).map(([clock, value]) => [at(clock, day).getTime(), value]));

const history = (changes: Partial<History> = {}): History => ({
  from: at('00:00'),
  to: at('12:00', '2026-12-02'),
  seconds: 3600,
  people: [],
  mostPeople: [],
  meetings: [],
  mostMeetings: [],
  bridges: new Map(),
  sent: [],
  alarms: [],
  failed: [],
  ...changes,
});

describe('meetings', () => {
  it('add up over shards and hours, also if a shard published nothing for a while', () => {
    const people = [series({ '09:00': 4, '10:00': 6 }), series({ '10:00': 2 })];
    expect(figures(history({ people })).personHours).toBe(12);
  });

  it('are counted by the length of a period', () => {
    expect(figures(history({ people: [series({ '09:00': 12 })], seconds: 300 })).personHours).toBe(1);
  });

  it('have their peak when all shards together have most people', () => {
    const mostPeople = [series({ '09:00': 10, '10:00': 7 }), series({ '09:00': 1, '10:00': 8 })];
    expect(figures(history({ people: mostPeople, mostPeople })).mostPeople).toBe(15);
  });
});

describe('days', () => {
  it('are in UTC, and add up to the whole', () => {
    const people = [new Map([...series({ '23:00': 3 }), ...series({ '00:00': 5 }, '2026-12-02')])];
    const each = days(history({ people }));
    expect(each.map(({ day, personHours }) => [day, personHours])).toEqual([
      ['2026-12-01', 3],
      ['2026-12-02', 5],
    ]);
  });
});

describe('incidents', () => {
  const change = (clock: string, from: string, to: string) => ({ at: at(clock), from, to });

  it('last from the alarm until it is over', () => {
    const alarms = [
      { alarm: 'loss' as const, changes: [change('09:00', 'OK', 'ALARM'), change('09:30', 'ALARM', 'OK')] },
    ];
    expect(incidentsIn(history({ alarms }))).toMatchObject([{ alarm: 'loss', minutes: 30 }]);
  });

  it('that began earlier count from the beginning, and those that go on until the end', () => {
    const alarms = [
      { alarm: 'disk' as const, changes: [change('01:00', 'ALARM', 'OK')] },
      { alarm: 'memory' as const, changes: [change('11:00', 'OK', 'ALARM')] },
    ];
    const found = incidentsIn(history({ alarms, to: at('12:00') }));
    expect(found).toMatchObject([
      { alarm: 'disk', minutes: 60, to: at('01:00') },
      { alarm: 'memory', minutes: 60 },
    ]);
    expect(found[1]).not.toHaveProperty('to');
  });

  it('are no alarms that were just created, and do not end when data are missing', () => {
    const created = [change('01:00', 'INSUFFICIENT_DATA', 'ALARM'), change('01:05', 'ALARM', 'OK')];
    const gap = [
      change('09:00', 'OK', 'ALARM'),
      change('09:10', 'ALARM', 'INSUFFICIENT_DATA'),
      change('09:30', 'INSUFFICIENT_DATA', 'OK'),
    ];
    const alarms = [
      { alarm: 'no-shard' as const, changes: created },
      { alarm: 'loss' as const, changes: gap },
    ];
    expect(incidentsIn(history({ alarms }))).toMatchObject([{ alarm: 'loss', minutes: 30 }]);
  });

  it('are not that nothing serves outside the hours, but that nothing serves within them', () => {
    const hours = { open: [{ days: 'TUE,WED', from: '08:00', until: '18:00' }], timezone: 'UTC' };
    const alarms = [
      {
        alarm: 'no-shard' as const,
        changes: [
          change('09:00', 'OK', 'ALARM'),
          change('09:30', 'ALARM', 'OK'),
          change('18:02', 'OK', 'ALARM'),
        ],
      },
    ];
    expect(incidentsIn(history({ alarms, hours }))).toMatchObject([{ from: at('09:00'), minutes: 30 }]);
  });

  it('at the same time are counted once in the minutes that participants notice, and others not at all', () => {
    const alarms = [
      { alarm: 'loss' as const, changes: [change('09:00', 'OK', 'ALARM'), change('10:00', 'ALARM', 'OK')] },
      { alarm: 'errors' as const, changes: [change('09:15', 'OK', 'ALARM'), change('10:15', 'ALARM', 'OK')] },
      { alarm: 'updates' as const, changes: [change('01:00', 'OK', 'ALARM')] },
    ];
    expect(figures(history({ alarms })).noticedMinutes).toBe(75);
  });
});
