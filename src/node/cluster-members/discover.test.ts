import { describe, expect, it } from 'vitest';
import { clusterMembers } from './discover.js';

const SELF = 'i-00';
const instance = (id: string, tags: Record<string, string>, changes: Record<string, unknown> = {}) => ({
  InstanceId: id,
  PrivateIpAddress: `10.20.0.${Number.parseInt(id.slice(2), 16)}`,
  LaunchTime: new Date('2026-01-01T00:00:00Z'),
  Placement: { AvailabilityZone: 'eu-central-1a' },
  State: { Name: 'running' },
  Tags: Object.entries(tags).map(([key, Value]) => ({ Key: `convoke:${key}`, Value })),
  ...changes,
});
const self = instance(SELF, { role: 'shard', shard: 'a' });
const shard = instance('i-0b', { role: 'shard', shard: 'b' });
const bridge = instance('i-0a', { role: 'bridge' });

describe('clusterMembers', () => {
  it('lists the others in a stable order', () => {
    const expected = [
      { role: 'bridge', instanceId: 'i-0a', privateAddress: '10.20.0.10' },
      { role: 'shard', shard: 'b', instanceId: 'i-0b', privateAddress: '10.20.0.11' },
    ];
    expect(clusterMembers([shard, self, bridge], SELF).others).toMatchObject(expected);
    expect(clusterMembers([bridge, shard, self], SELF).others).toMatchObject(expected);
  });

  it.each([
    ['without an address', instance('i-0c', { role: 'bridge' }, { PrivateIpAddress: undefined })],
    ['that is on its way out', instance('i-0c', { role: 'bridge' }, { State: { Name: 'shutting-down' } })],
    ['of a role that is not known', instance('i-0c', { role: 'recorder' })],
    ['without a role', instance('i-0c', {})],
    ['of a shard without a name', instance('i-0c', { role: 'shard' })],
  ])('leaves out a machine %s', (_, other) => {
    expect(clusterMembers([self, other], SELF).others).toEqual([]);
  });

  it('is empty only if EC2 lists this machine and no other', () => {
    expect(clusterMembers([self], SELF)).toEqual({ launched: Date.UTC(2026, 0, 1), others: [] });
    expect(() => clusterMembers([], SELF)).toThrow('i-00 is not one of them');
    expect(() => clusterMembers([shard, bridge], SELF)).toThrow('2 running machines');
  });
});
