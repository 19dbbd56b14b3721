import { describe, expect, it } from 'vitest';
import { sampleMembers } from '../../../../test/sample-facts.js';
import { loginChanges } from './muc-clients.js';

const { shardA, shardB, bridge } = sampleMembers;
const ids = (known: Parameters<typeof loginChanges>[0], listed: string[]) => {
  const { add, remove } = loginChanges(known, listed);
  return { add: add.map(({ id }) => id), remove };
};

describe('loginChanges', () => {
  it.each([
    [
      'adds all to a bridge that has just started',
      [shardA, bridge, shardB],
      [],
      ['shard-a-i-0aa', 'shard-b-i-0bb'],
      [],
    ],
    ['changes nothing when all are there', [shardA, shardB], ['shard-b-i-0bb', 'shard-a-i-0aa'], [], []],
    ['follows a shard to its new machine', [shardA], ['shard-a-i-0ff'], ['shard-a-i-0aa'], ['shard-a-i-0ff']],
    ['removes a shard that is gone', [shardA], ['shard-a-i-0aa', 'shard-b-i-0bb'], [], ['shard-b-i-0bb']],
    ['removes nothing while the shards are unknown', undefined, ['shard-b-i-0bb'], [], []],
    ['keeps a login that was added by hand', [], ['elsewhere', 'shard-a'], [], []],
  ])('%s', (_, known, listed, add, remove) => {
    expect(ids(known, listed)).toEqual({ add, remove });
  });
});
