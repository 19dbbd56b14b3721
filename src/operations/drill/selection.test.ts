import { describe, expect, it } from 'vitest';
import { objection, zoneToFail } from './selection.js';

const machine = (
  role: string,
  shard: string,
  zone: string,
  changes: { lifecycle?: string; target?: string } = {},
) => ({
  id: `i-${role}${shard}${zone}`,
  role,
  shard,
  zone,
  lifecycle: 'InService',
  release: '',
  bundle: '',
  image: '',
  target: role === 'shard' ? 'healthy' : '',
  ...changes,
});
const TEAM = [
  machine('shard', 'a', 'x'),
  machine('shard', 'b', 'y'),
  machine('bridge', '', 'x'),
  machine('bridge', '', 'y'),
];

describe('a drill', () => {
  it.each(['shard', 'bridge', 'zone', 'drain'] as const)(
    'of a %s needs no warning where another can take over',
    (drill) => {
      expect(objection(drill, TEAM)).toBeUndefined();
    },
  );

  it('warns which meetings it ends if there is only one machine', () => {
    for (const drill of ['shard', 'bridge', 'zone'] as const) {
      expect(objection(drill, [machine('shard', 'a', 'x')])).toEqual({
        warn: expect.stringContaining('all meetings are cut off'),
      });
    }
  });

  it('is refused if nothing serves, or a call could not move', () => {
    expect(objection('shard', [machine('shard', 'a', 'x', { target: 'unhealthy' })])).toMatchObject({
      stop: { name: 'NothingServes', exitCode: 2 },
    });
    expect(objection('drain', [machine('shard', 'a', 'x')])).toMatchObject({ stop: { name: 'NoBridges' } });
    const leaving = machine('bridge', '', 'y', { lifecycle: 'Terminating:Wait' });
    for (const drill of ['bridge', 'drain'] as const) {
      expect(objection(drill, [...TEAM.slice(0, 3), leaving])).toMatchObject({
        stop: { name: 'NoSecondBridge', message: expect.stringContaining('Only one bridge') },
      });
    }
  });

  it('warns if the zone to break is the only one', () => {
    const together = TEAM.map((one) => ({ ...one, zone: 'x' }));
    expect(objection('zone', together)).toEqual({ warn: expect.stringContaining('one availability zone') });
  });
});

describe('the zone to break', () => {
  it('has a shard, and the most machines of those zones', () => {
    expect(zoneToFail([...TEAM, machine('bridge', '', 'y')])).toBe('y');
    expect(
      zoneToFail([machine('shard', 'a', 'x'), machine('bridge', '', 'y'), machine('bridge', '', 'y')]),
    ).toBe('x');
  });
});
