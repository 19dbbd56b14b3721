import { describe, expect, it } from 'vitest';
import { sampleBridgeSeen, sampleShard } from '../../../../test/sample-observations.js';
import { bridgeMetrics, shardMetrics } from '../metrics/metrics.js';
import type { BridgeObservation, ShardObservation } from '../observation.js';
import { bridgeHealth, shardHealth } from './health.js';

const allHealthy = sampleShard();
const statistics = { participants: 7, conferences: 2, bridges: 1, operationalBridges: 1 };
const healthy = (seen: ShardObservation) => {
  const { edge, shard, machine } = shardHealth(seen);
  return { edge: edge.healthy, shard: shard.healthy, machine: machine.healthy };
};

describe('health of a shard', () => {
  it('is healthy if all daemons are', () => {
    expect(healthy(allHealthy)).toEqual({ edge: true, shard: true, machine: true });
  });

  it('is not affected by a missing bridge, but mentions it', () => {
    const seen: ShardObservation = {
      ...allHealthy,
      bridge: undefined,
      jicofo: { version: '1.0', statistics: { ...statistics, operationalBridges: 0 } },
    };
    expect(healthy(seen)).toEqual({ edge: true, shard: true, machine: true });
    expect(shardHealth(seen).shard.reason).toContain('0 bridges are operational');
  });

  it('reports a failed Prosody or Jicofo as an unhealthy shard on a machine that systemd may still repair', () => {
    const restarting: ShardObservation = {
      ...allHealthy,
      prosodyServes: false,
      units: { ...allHealthy.units, prosody: 'activating' },
    };
    expect(healthy(restarting)).toEqual({ edge: true, shard: false, machine: true });
    expect(healthy({ ...allHealthy, jicofo: undefined })).toEqual({
      edge: true,
      shard: false,
      machine: true,
    });
  });

  it('has a machine replaced only when systemd gave up, and names the unit', () => {
    const seen: ShardObservation = {
      ...allHealthy,
      units: { ...allHealthy.units, nginx: 'failed' },
      edgeServes: false,
    };
    expect(healthy(seen)).toEqual({ edge: false, shard: true, machine: false });
    expect(shardHealth(seen).machine.reason).toContain('nginx');
  });

  it('keeps a machine whose TURN relay has failed for good, and mentions it', () => {
    const { machine } = shardHealth({ ...allHealthy, units: { ...allHealthy.units, coturn: 'failed' } });
    expect(machine.healthy).toBe(true);
    expect(machine.reason).toContain('coturn');
  });

  it('does not count a stopped unit as failed', () => {
    expect(
      shardHealth({ ...allHealthy, units: { ...allHealthy.units, jicofo: 'inactive' } }).machine.healthy,
    ).toBe(true);
  });

  it('does not count an unreadable systemd state as a failure', () => {
    expect(shardHealth({ ...allHealthy, units: {} }).machine.healthy).toBe(true);
  });
});

describe('health of a bridge', () => {
  const seen = (changes: Partial<BridgeObservation>, shards: number | 'not known' = 2) => {
    const { bridge, machine } = bridgeHealth(
      sampleBridgeSeen(changes),
      shards === 'not known' ? undefined : shards,
    );
    return [bridge.healthy, machine.healthy, bridge.reason];
  };
  const joined = (breweries: number) => ({
    bridge: { healthy: true, statistics: { stress: 0, participants: 0, draining: false, breweries } },
  });

  it.each([
    ['serves', seen({}), true, 'serves 2 of 2 shards'],
    ['is logged in nowhere', seen(joined(0)), false, 'logged in at none of 2 shards'],
    ['has no shard', seen(joined(0), 0), false, 'there are no shards'],
    ['does not know the shards yet', seen(joined(0), 'not known'), true, 'not known yet'],
    ['is not healthy', seen({ bridge: { healthy: false, statistics: undefined } }), false, 'not healthy'],
    ['does not answer', seen({ bridge: undefined }), false, 'does not answer'],
  ])('is no reason to replace the machine while it %s', (_, [bridge, machine, reason], expected, words) => {
    expect([bridge, machine]).toEqual([expected, true]);
    expect(reason).toContain(words);
  });

  it('has the machine replaced when systemd gave up on it', () => {
    expect(seen({ units: { 'jitsi-videobridge2': 'failed' } })[1]).toBe(false);
  });
});

describe('metrics', () => {
  const values = (metrics: ReturnType<typeof shardMetrics>) =>
    Object.fromEntries(metrics.map(({ name, value }) => [name, value]));

  it('of a shard are exactly the five that are paid for', () => {
    expect(values(shardMetrics(allHealthy, shardHealth(allHealthy), false))).toEqual({
      Stress: 0.1,
      Participants: 7,
      Conferences: 2,
      Bridges: 1,
      ShardHealthy: 1,
    });
  });

  it('of a bridge are two', () => {
    expect(values(bridgeMetrics(sampleBridgeSeen(), false))).toEqual({ Stress: 0.1, BridgeParticipants: 7 });
  });

  it('of every machine include free disk space and memory', () => {
    const free = { disk: 5_000, memory: 900 };
    const left = { DiskFree: 5_000, MemoryAvailable: 900 };
    const shard = sampleShard({ free });
    expect(values(shardMetrics(shard, shardHealth(shard), false))).toMatchObject(left);
    expect(values(bridgeMetrics(sampleBridgeSeen({ free }), false))).toMatchObject(left);
  });

  it('leave out what was not observed, instead of a zero', () => {
    const seen = sampleShard({ bridge: undefined, jicofo: undefined });
    expect(Object.keys(values(shardMetrics(seen, shardHealth(seen), false)))).toEqual(['ShardHealthy']);
    expect(bridgeMetrics(sampleBridgeSeen({ bridge: undefined }), false)).toEqual([]);
  });

  it('do not include the stress of a draining bridge', () => {
    const draining = { stress: 0.1, participants: 7, draining: true, breweries: 2 };
    expect(values(bridgeMetrics(sampleBridgeSeen(), true))).toEqual({ BridgeParticipants: 7 });
    expect(
      values(bridgeMetrics(sampleBridgeSeen({ bridge: { healthy: true, statistics: draining } }), false)),
    ).toEqual({ BridgeParticipants: 7 });
  });
});
