import { describe, expect, it } from 'vitest';
import type { Activity } from '../../cloud/activities.js';
import { bridgesGroupName, shardGroupName } from '../../contract/names.js';
import { lanesOf } from './lanes.js';

const AT = new Date('2026-12-03T14:00Z');
const minute = (of: number) => new Date(AT.getTime() - (60 - of) * 60_000);
const SHARD = shardGroupName('team', 'a');
const FAILED =
  'At 2026-12-03T13:30:00Z an instance was taken out of service in response to an EC2 health check';
const activity = (
  description: string,
  from: number,
  to?: number,
  changes: Partial<Activity> = {},
): Activity => ({
  at: minute(from),
  ...(to !== undefined && { ended: minute(to) }),
  group: SHARD,
  description,
  cause: '',
  status: to === undefined ? 'InProgress' : 'Successful',
  message: '',
  ...changes,
});
const launch = (id: string, ...rest: [from: number, to?: number, changes?: Partial<Activity>]) =>
  activity(`Launching a new EC2 instance: ${id}`, ...rest);
const end = (id: string, ...rest: [from: number, to?: number, changes?: Partial<Activity>]) =>
  activity(`Terminating EC2 instance: ${id}`, ...rest);
const lanes = (activities: readonly Activity[]) =>
  lanesOf({ activities, incidents: [], deployment: 'team', at: AT }).map(({ name, spans }) => [
    name,
    ...spans.map(({ from, to, what }) => `${Math.round(from * 60)}-${Math.round(to * 60)} ${what}`),
  ]);

describe('the timeline of the page', () => {
  it('shows a machine that failed above its replacement', () => {
    expect(lanes([launch('i-0b', 31, 34), end('i-0a', 30, 31, { cause: FAILED })])).toEqual([
      ['shard a i-0a', '0-30 in service', '30-31 failed'],
      ['shard a i-0b', '31-34 starts', '34-60 in service'],
    ]);
  });

  it('shows an upgrade: a machine that leaves when the new one serves', () => {
    expect(lanes([end('i-0a', 50), launch('i-0b', 40, 45)])).toEqual([
      ['shard a i-0a', '0-50 in service', '50-60 is drained and terminated'],
      ['shard a i-0b', '40-45 starts', '45-60 in service'],
    ]);
  });

  it('shows bridges, and a launch that goes on or did not succeed', () => {
    const group = bridgesGroupName('team');
    const failed = { group, status: 'Failed' };
    expect(lanes([launch('i-0c', 20, 25, failed), launch('i-0d', 55, undefined, { group })])).toEqual([
      ['bridge i-0c', '20-25 did not start'],
      ['bridge i-0d', '55-60 starts'],
    ]);
  });

  it('leaves out machines that did not change in this hour', () => {
    expect(lanes([launch('i-0a', -100, -90), end('i-0b', -20, -10)])).toEqual([]);
  });

  it('begins with incidents, of which one may go on', () => {
    const incidents = [
      { alarm: 'loss', from: minute(-30), minutes: 90 },
      { alarm: 'disk', from: minute(-30), to: minute(-5), minutes: 25 },
    ] as const;
    const [first, ...others] = lanesOf({ activities: [], incidents, deployment: 'team', at: AT });
    expect([first?.name, first?.spans[0]?.from, first?.spans[0]?.to]).toEqual([
      'calls lose many packets',
      0,
      1,
    ]);
    expect(first?.spans[0]?.title).toMatch(/, 13:00 to now UTC$/);
    expect(others).toEqual([]);
  });
});
