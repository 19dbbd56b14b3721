import { describe, expect, it } from 'vitest';
import { summary } from './latest-metrics.js';
import { missing, overall, rollStatus } from './status.js';

const TEAM = {
  shards: 2,
  bridges: { min: 2, max: 6, types: [], spot: 0, schedule: [], timezone: 'UTC' },
};
const shard = (name: string, target: string) => ({
  role: 'shard',
  shard: name,
  state: 'running',
  lifecycle: 'InService',
  target,
});
const bridge = (lifecycle: string) => ({
  role: 'bridge',
  shard: '',
  state: 'running',
  lifecycle,
  target: '',
});

describe('a deployment of several machines', () => {
  it('serves if every shard and the minimum number of bridges do', () => {
    const all = [shard('a', 'healthy'), shard('b', 'healthy'), bridge('InService'), bridge('InService')];
    expect(missing(all, TEAM)).toEqual([]);
    expect(overall('UPDATE_COMPLETE', all, [])).toBe('serving');
  });

  it('names the missing shard and the number of missing bridges while meetings are still possible', () => {
    const all = [
      shard('a', 'unhealthy'),
      shard('b', 'healthy'),
      bridge('InService'),
      bridge('Terminating:Wait'),
    ];
    const lacking = missing(all, TEAM);
    expect(lacking).toEqual(['shard a', '1 of 2 bridges']);
    expect(overall('UPDATE_COMPLETE', all, lacking)).toBe('degraded');
  });

  it('does not serve if a shard reports that its Prosody or Jicofo has failed, although its edge is healthy', () => {
    const all = [shard('a', 'healthy'), shard('b', 'healthy'), bridge('InService'), bridge('InService')];
    const reported = [
      { shard: 'a', healthy: false },
      { shard: 'b', healthy: true },
    ];
    const lacking = missing(all, TEAM, reported);
    expect(lacking).toEqual(['Prosody or Jicofo of shard a']);
    expect(overall('UPDATE_COMPLETE', all, lacking, reported)).toBe('degraded');
    const both = reported.map(({ shard }) => ({ shard, healthy: false }));
    expect(overall('UPDATE_COMPLETE', all, missing(all, TEAM, both), both)).toBe('down');
  });

  it('is not recovering because of bridges alone', () => {
    const all = [shard('a', 'unhealthy'), shard('b', 'unhealthy'), bridge('InService')];
    expect(overall('UPDATE_COMPLETE', all, missing(all, TEAM))).toBe('down');
    expect(overall('UPDATE_COMPLETE', [...all, shard('b', 'initial')], ['shard a'])).toBe('recovering');
  });
});

describe('the metrics of several shards', () => {
  const at = new Date(0);
  const values = (all: Record<string, number>) =>
    new Map(Object.entries(all).map(([id, value]) => [id, { value, at }]));

  it('are added up; for bridges, the lowest number that a shard can use counts', () => {
    const all = values({
      people_a: 3,
      people_b: 4,
      meetings_a: 1,
      meetings_b: 2,
      bridges_a: 2,
      bridges_b: 1,
    });
    expect(summary(['a', 'b'], all)).toMatchObject({
      people: 7,
      meetings: 3,
      bridges: 1,
      shards: [
        { shard: 'a', people: 3, bridges: 2 },
        { shard: 'b', people: 4, bridges: 1 },
      ],
    });
  });

  it('are complete: participants of any time of the minute count, and only bridges that existed throughout', () => {
    const all = values({ people_a: 9.67, people_b: 0.2, meetings_a: 1.5, meetings_b: 0.2, bridges_a: 1.5 });
    expect(summary(['a', 'b'], all)).toMatchObject({
      people: 11,
      meetings: 3,
      bridges: 1,
      shards: [
        { shard: 'a', people: 10, meetings: 2, bridges: 1 },
        { shard: 'b', people: 1, meetings: 1 },
      ],
    });
  });

  it('are omitted if nothing was reported, which differs from no participants', () => {
    expect(summary(['a', 'b'], values({ people_b: 4 }))).toEqual({
      people: 4,
      shards: [{ shard: 'a' }, { shard: 'b', people: 4 }],
    });
  });
});

describe('rollStatus', () => {
  it('says which groups launch another version than before, and why a roll was undone', () => {
    const from = { bridges: '1', 'shard-a': '4' };
    const groups = [
      { name: 'bridges', version: '2' },
      { name: 'shard-a', version: '4' },
    ];
    expect(rollStatus({ state: 'rolling', from }, groups)).toEqual({
      state: 'rolling',
      done: ['bridges'],
      open: ['shard-a'],
    });
    expect(rollStatus({ state: 'undone', from, why: 'It failed.' }, [])).toMatchObject({ why: 'It failed.' });
  });
});
