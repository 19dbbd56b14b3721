import { describe, expect, it } from 'vitest';
import { sampleBridgeSeen, sampleShard } from '../../../../test/sample-observations.js';
import { shardHealth } from '../health/health.js';
import { bridgeMetrics, iceMetrics, shardMetrics } from './metrics.js';

const withStatistics = (changes: { participants: number; loss?: number }) =>
  sampleBridgeSeen({
    bridge: { healthy: true, statistics: { stress: 0.1, draining: false, breweries: 2, ...changes } },
  });

describe('packet loss', () => {
  it.each([
    ['in percent', { participants: 3, loss: 0.125 }, 12.5],
    ['not without participants', { participants: 0, loss: 0 }, undefined],
    ['not by a release that does not measure it', { participants: 3 }, undefined],
  ])('is published %s', (_, statistics, value) => {
    const found = bridgeMetrics(withStatistics(statistics), false).find(({ name }) => name === 'PacketLoss');
    expect(found?.value).toBe(value);
  });
});

it.each([
  ['without recorders', 7, undefined, 7],
  ['with two that are recorded', 7, 2, 5],
  ['after a recorder left before its recording ended', 0, 1, 0],
])('participants of a shard are people: %s', (_, participants, recorders, value) => {
  const statistics = { participants, recorders, conferences: 2, bridges: 1, operationalBridges: 1 };
  const seen = sampleShard({ jicofo: { version: '1', statistics } });
  const metrics = shardMetrics(seen, shardHealth(seen), false);
  expect(metrics.find(({ name }) => name === 'Participants')?.value).toBe(value);
});

it('counts of security updates are one metric of each machine and one of all', () => {
  const { updates, ...seen } = sampleBridgeSeen({});
  const names = (count: number | undefined) =>
    bridgeMetrics(count === undefined ? seen : { ...seen, updates: count }, false)
      .filter(({ value, name }) => /Updates/.test(name) && value === count)
      .map(({ name }) => name);
  expect(names(2)).toEqual(['SecurityUpdates', 'WaitingUpdates']);
  expect(names(undefined)).toEqual([]);
});

describe('failed connections', () => {
  it.each([
    ['those since the last value', 4, 9, 5],
    ['those since a restart', 9, 2, 2],
    ['none at the first look', undefined, 9, undefined],
    ['none if there are no new ones', 4, 4, undefined],
    ['none while Videobridge does not answer', 4, undefined, undefined],
  ])('are %s', (_, published, now, value) => {
    expect(iceMetrics(published, now)[0]?.value).toBe(value);
  });
});
