import { describe, expect, it } from 'vitest';
import { objection, zoneToLose } from './victim.js';

const machine = (
  role: string,
  cell: string,
  zone: string,
  changes: { lifecycle?: string; target?: string } = {},
) => ({
  id: `i-${role}${cell}${zone}`,
  role,
  cell,
  zone,
  lifecycle: 'InService',
  target: role === 'cell' ? 'healthy' : '',
  ...changes,
});
const TEAM = [
  machine('cell', 'a', 'x'),
  machine('cell', 'b', 'y'),
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

  it('says what it ends where there is one machine', () => {
    for (const drill of ['shard', 'bridge', 'zone'] as const) {
      expect(objection(drill, [machine('cell', 'a', 'x')])).toEqual({
        warn: expect.stringContaining('every meeting ends'),
      });
    }
  });

  it('does not begin where nothing serves, or a call would have nowhere to go', () => {
    expect(objection('shard', [machine('cell', 'a', 'x', { target: 'unhealthy' })])).toMatchObject({
      stop: { name: 'NothingServes', exitCode: 2 },
    });
    expect(objection('drain', [machine('cell', 'a', 'x')])).toMatchObject({ stop: { name: 'NoBridges' } });
    const leaving = machine('bridge', '', 'y', { lifecycle: 'Terminating:Wait' });
    for (const drill of ['bridge', 'drain'] as const) {
      expect(objection(drill, [...TEAM.slice(0, 3), leaving])).toMatchObject({
        stop: { name: 'NoSecondBridge', message: expect.stringContaining('Only one bridge') },
      });
    }
  });

  it('warns where the zone that is lost is the only one', () => {
    const together = TEAM.map((one) => ({ ...one, zone: 'x' }));
    expect(objection('zone', together)).toEqual({ warn: expect.stringContaining('one zone') });
  });
});

describe('the zone to lose', () => {
  it('has a cell in it, and is the fullest of those', () => {
    expect(zoneToLose([...TEAM, machine('bridge', '', 'y')])).toBe('y');
    expect(
      zoneToLose([machine('cell', 'a', 'x'), machine('bridge', '', 'y'), machine('bridge', '', 'y')]),
    ).toBe('x');
  });
});
