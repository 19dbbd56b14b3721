import { describe, expect, it } from 'vitest';
import { parseDeployment } from './load.js';

const FILE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n';
const parse = (more: string) => parseDeployment(`${FILE}${more}\n`, 'convoke.yaml');

describe('hours in the file', () => {
  it('are days in cron’s notation, in UTC unless they have a time zone', () => {
    expect(parse('hours: {open: [{days: mon-fri, from: "07:30", until: "18:00"}]}').hours).toEqual({
      open: [{ days: 'MON-FRI', from: '07:30', until: '18:00' }],
      timezone: 'UTC',
    });
    expect(parse('').hours).toBeUndefined();
  });

  it.each([
    ['{open: [{days: mon, from: "18:00", until: "07:30"}]}', 'which is not after its start at 18:00'],
    ['{open: [{days: mon-sun, from: "00:00", until: "23:59"}]}', 'less than a quarter of an hour'],
    ['{open: []}', 'has no time at which it is open'],
    ['{open: [{days: work, from: "07:30", until: "18:00"}]}', 'must be days of the week'],
    ['{open: [{days: mon, from: "7:30", until: "18:00"}]}', 'is not a time of day'],
    ['{open: [{days: mon, from: "07:30", until: "18:00"}], timezone: Berlin}', 'is not a time zone'],
    [
      '{open: [{days: mon, from: "07:30", until: "18:00"}], timezone: Europe/Berlin}\nsize: team\nbridges: {schedule: [{days: mon, from: "08:00", until: "09:00", min: 3}]}',
      'hours are in Europe/Berlin, but bridges.schedule is in UTC',
    ],
  ])('are refused: %s', (text, why) => {
    expect(() => parse(`hours: ${text}`)).toThrow(
      expect.objectContaining({ why: expect.stringContaining(why) }),
    );
  });
});
