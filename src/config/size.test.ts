import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { GOOD, refusalOf } from '../../test/refusal.js';
import { parseDeployment } from './load.js';

describe('the larger sizes', () => {
  const team = { ...GOOD, size: 'team' };

  it('get shards and a group of bridges by default', () => {
    expect(parseDeployment(stringify(team), 'x')).toMatchObject({
      size: 'team',
      shards: 2,
      bridges: { min: 2, max: 6, types: ['c7g.large'], spot: 0, schedule: [], timezone: 'UTC' },
    });
    const { shards, bridges } = parseDeployment(stringify({ ...GOOD, size: 'fleet', shards: 4 }), 'x');
    expect(shards).toBe(4);
    expect(bridges).toMatchObject({ min: 2, max: 20 });
  });

  it('adjust the other limit if only one is given', () => {
    expect(parseDeployment(stringify({ ...team, bridges: { min: 9 } }), 'x').bridges).toMatchObject({
      min: 9,
      max: 9,
    });
    expect(parseDeployment(stringify({ ...team, bridges: { max: 1 } }), 'x').bridges).toMatchObject({
      min: 1,
      max: 1,
    });
  });

  it.each([
    ['min above max', { ...team, bridges: { min: 5, max: 3 } }, /bridges\.min 5 is more than bridges\.max 3/],
    ['no bridge at all', { ...team, bridges: { min: 0 } }, /bridges\.min must be at least 1/],
    ['half a bridge', { ...team, bridges: { min: 1.5 } }, /bridges\.min must be a/],
    [
      'an unknown instance type',
      { ...team, bridges: { types: ['large'] } },
      /:7:7 .*types\.0 "large" is not an EC2 instance type; the format is like c7g\.large/,
    ],
    [
      'an instance type with a slip in it',
      { ...team, bridges: { types: ['c7g.lagre'] } },
      /"c7g\.lagre" is not an EC2 instance type; did you mean c7g\.large\?/,
    ],
    [
      'an instance type that cannot be',
      { ...team, machines: { shard: 'c99z.huge' } },
      /:6:10 .*machines\.shard "c99z\.huge" is not an EC2 instance type/,
    ],
    [
      'an instance type twice',
      { ...team, bridges: { types: ['c7g.large', 'c6g.large', 'c7g.large'] } },
      /:9:7 .*has c7g\.large twice/,
    ],
    [
      'another architecture',
      { ...team, bridges: { types: ['c7i.large'] } },
      /c7i\.large has amd64 processors/,
    ],
    [
      'too many shards',
      { ...GOOD, size: 'fleet', shards: 40 },
      /:5:9 .*shards must be at most 8, four in each zone/,
    ],
    ['shards at size team', { ...team, shards: 3 }, /shards is for size fleet/],
    ['bridges at size solo', { ...GOOD, bridges: { min: 2 } }, /bridges is for size team and fleet/],
    [
      'a nonsense time zone',
      { ...team, bridges: { timezone: 'Mars/Olympus' } },
      /:6:13 .*timezone is not a time zone; the format is like/,
    ],
    [
      'a time zone with a slip in it',
      { ...team, bridges: { timezone: 'Europe/Berln' } },
      /timezone is not a time zone; did you mean Europe\/Berlin\?/,
    ],
    ['an offset for a time zone', { ...team, bridges: { timezone: '+02:00' } }, /is not a time zone/],
    [
      'a fraction of a percent',
      { ...team, bridges: { spot: 12.5 } },
      /spot must be a whole number, not the number 12\.5/,
    ],
    ['more spot than all', { ...team, bridges: { spot: 120 } }, /spot must be at most 100/],
    [
      'a night in one entry',
      { ...team, bridges: { schedule: [{ days: 'mon-fri', from: '22:00', until: '02:00', min: 3 }] } },
      /ends at 02:00, which is not after/,
    ],
    [
      'a schedule beyond the maximum',
      { ...team, bridges: { schedule: [{ days: 'mon', from: '08:00', until: '09:00', min: 30 }] } },
      /at least 30 bridges, but bridges\.max is 6/,
    ],
    [
      'an unknown day',
      { ...team, bridges: { schedule: [{ days: 'noday', from: '08:00', until: '09:00', min: 3 }] } },
      /days must be days of the week/,
    ],
  ])('refuse %s', (_, file, said) => {
    expect(refusalOf(stringify(file))).toMatch(said);
  });

  it('are warned about if they may surprise the user', () => {
    const words = (bridges: object) => {
      const said: string[] = [];
      parseDeployment(stringify({ ...team, bridges }), 'x.yaml', (sentence) => said.push(sentence));
      return said.join('\n');
    };
    expect(words({ min: 1, spot: 100 })).toMatch(/^x\.yaml:6:8 .*end every meeting at two minutes’ notice/);
    expect(words({ max: 1 })).toMatch(/^x\.yaml:6:8 .*calls are interrupted until another one has started/);
    expect(words({ spot: 50 })).toMatch(/^x\.yaml:6:9 .*only one type/);
    expect(words({ spot: 50, types: ['c7g.large', 'c6g.large'] })).toBe('');
    expect(words({ timezone: 'Europe/Berlin' })).toMatch(
      /^x\.yaml:6:13 .*no effect without bridges\.schedule/,
    );
    const schedule = [{ days: 'mon-fri', from: '08:00', until: '18:00', min: 2 }];
    expect(words({ min: 3, schedule })).toMatch(/^x\.yaml:11:12 .*this entry has no effect/);
  });

  it('accept time zones in upper and lower case, and by former names', () => {
    const zone = (timezone: string) =>
      parseDeployment(stringify({ ...team, bridges: { timezone } }), 'x').bridges?.timezone;
    expect(['europe/berlin', 'utc', 'Asia/Kolkata', 'Etc/GMT+9'].map(zone)).toEqual([
      'Europe/Berlin',
      'UTC',
      'Asia/Kolkata',
      'Etc/GMT+9',
    ]);
  });

  it.each([
    ['me-central-1', 'arm64', 'c6g.large'],
    ['me-south-1', 'amd64', 'c6i.large'],
    ['me-south-1', 'arm64', 'c7g.large'],
    ['eu-central-1', 'amd64', 'c7i.large'],
  ])('have bridges of a type that %s has, for %s', (region, architecture, type) => {
    const file = stringify({ ...team, region, machines: { architecture } });
    expect(parseDeployment(file, 'x').bridges?.types).toEqual([type]);
  });

  it('accept instance types of any family', () => {
    const types = ['c7g.large', 'm8g.8xlarge', 'x2gd.metal', 'c7gn.16xlarge', 'c8gd.metal-24xl'];
    expect(parseDeployment(stringify({ ...team, bridges: { types } }), 'x').bridges?.types).toEqual(types);
  });
});
