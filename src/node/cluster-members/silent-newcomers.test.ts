import { describe, expect, it } from 'vitest';
import type { ClusterMember } from '../facts.js';
import { withoutSilentNewcomers } from './silent-newcomers.js';

const at = { zone: 'eu-central-1a', launched: 0 };
const B: ClusterMember = {
  role: 'shard',
  shard: 'b',
  instanceId: 'i-0b',
  privateAddress: '10.20.0.12',
  ...at,
};
const C: ClusterMember = {
  role: 'shard',
  shard: 'c',
  instanceId: 'i-0c',
  privateAddress: '10.20.0.13',
  ...at,
};
const BRIDGE: ClusterMember = { role: 'bridge', instanceId: 'i-0d', privateAddress: '10.20.0.14', ...at };

describe('a shard that EC2 lists', () => {
  const others = async (known: readonly ClusterMember[] | undefined, answering: readonly ClusterMember[]) => {
    const answers = async (shard: ClusterMember) => answering.includes(shard);
    return (await withoutSilentNewcomers({ launched: 7, others: [B, C, BRIDGE] }, known, answers)).others;
  };

  it('is left out until it answers', async () => {
    expect(await others([B], [])).toEqual([B, BRIDGE]);
    expect(await others([B], [C])).toEqual([B, C, BRIDGE]);
  });

  it('stays in any case once it was known or the edge was rendered with it', async () => {
    expect(await others([B, C], [])).toEqual([B, C, BRIDGE]);
    expect(await others(undefined, [])).toEqual([B, C, BRIDGE]);
  });
});
