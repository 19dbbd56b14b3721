import { describe, expect, it } from 'vitest';
import { releaseDifferences } from './differences.js';

const machine = (id: string, shard: string, release: string, lifecycle = 'InService', bundle = 'b1') => ({
  id,
  role: shard ? 'shard' : 'bridge',
  shard,
  lifecycle,
  release,
  bundle,
});

describe('releaseDifferences', () => {
  it('names each machine of another release, and leaves out those that are terminating', () => {
    const machines = [
      machine('i-1', 'a', '2.0.1-1'),
      machine('i-2', 'b', '2.0.2-1'),
      machine('i-3', '', '2.0.1-1'),
      machine('i-4', '', '2.0.1-1', 'Terminating:Wait'),
    ];
    expect(releaseDifferences(machines, '2.0.2-1', 'b1')).toEqual([
      'i-1 (shard a) has release 2.0.1-1; machines that start now get 2.0.2-1.',
      'i-3 (bridge) has release 2.0.1-1; machines that start now get 2.0.2-1.',
    ]);
  });

  it('names a machine with another version of convoke', () => {
    const machines = [machine('i-1', 'a', '2.0.2-1', 'InService', 'b0'), machine('i-2', 'b', '2.0.2-1')];
    expect(releaseDifferences(machines, '2.0.2-1', 'b1')).toEqual([
      'i-1 (shard a) runs another version of convoke than machines that start now.',
    ]);
  });

  it('says nothing of machines and deployments that name no release', () => {
    expect(releaseDifferences([machine('i-1', 'a', '', 'InService', '')], '2.0.2-1', 'b1')).toEqual([]);
    expect(releaseDifferences([machine('i-1', 'a', '2.0.2-1')], '', '')).toEqual([]);
  });
});
