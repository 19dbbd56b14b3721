import { describe, expect, it } from 'vitest';
import { figures } from './figures.js';
import { health } from './health.js';
import type { Observation } from './observation.js';

const statistics = { participants: 7, conferences: 2, operationalBridges: 1 };
const well: Observation = {
  edgeServes: true,
  connections: 12,
  prosodyServes: true,
  jicofo: { version: '1.0', statistics },
  bridge: { healthy: true, stress: 0.1, participants: 7 },
  units: {
    prosody: 'active',
    jicofo: 'active',
    'jitsi-videobridge2': 'active',
    nginx: 'active',
    haproxy: 'active',
  },
};
const healthy = (seen: Observation) => {
  const { edge, shard, machine } = health(seen);
  return { edge: edge.healthy, shard: shard.healthy, machine: machine.healthy };
};

describe('health', () => {
  it('is good when all is well', () => {
    expect(healthy(well)).toEqual({ edge: true, shard: true, machine: true });
  });

  it('does not hold a missing bridge against anything but says so', () => {
    const seen: Observation = {
      ...well,
      bridge: undefined,
      jicofo: { version: '1.0', statistics: { ...statistics, operationalBridges: 0 } },
    };
    expect(healthy(seen)).toEqual({ edge: true, shard: true, machine: true });
    expect(health(seen).shard.reason).toContain('0 bridges are operational');
  });

  it('tells a dead Prosody or Jicofo as a dead shard on a machine that systemd may still mend', () => {
    const restarting: Observation = {
      ...well,
      prosodyServes: false,
      units: { ...well.units, prosody: 'activating' },
    };
    expect(healthy(restarting)).toEqual({ edge: true, shard: false, machine: true });
    expect(healthy({ ...well, jicofo: undefined })).toEqual({ edge: true, shard: false, machine: true });
  });

  it('wants a machine replaced only when systemd gave up, and names the unit', () => {
    const seen: Observation = { ...well, units: { ...well.units, nginx: 'failed' }, edgeServes: false };
    expect(healthy(seen)).toEqual({ edge: false, shard: true, machine: false });
    expect(health(seen).machine.reason).toContain('nginx');
  });

  it('does not take a unit that a person stopped for one that failed', () => {
    expect(health({ ...well, units: { ...well.units, jicofo: 'inactive' } }).machine.healthy).toBe(true);
  });

  it('calls no machine bad because systemd could not be asked', () => {
    expect(health({ ...well, units: {} }).machine.healthy).toBe(true);
  });
});

describe('figures', () => {
  it('are the five that are paid for', () => {
    expect(Object.fromEntries(figures(well, health(well)).map(({ name, value }) => [name, value]))).toEqual({
      Stress: 0.1,
      Participants: 7,
      Conferences: 2,
      Bridges: 1,
      ShardHealthy: 1,
    });
  });

  it('leave out what was not seen, in place of a zero', () => {
    const seen: Observation = { ...well, bridge: undefined, jicofo: undefined };
    expect(figures(seen, health(seen)).map(({ name }) => name)).toEqual(['ShardHealthy']);
  });
});
