import { describe, expect, it } from 'vitest';
import { misrouted } from './http-clients.js';

const asked = (at: number, shard: string) => ({ at, room: 'party', ok: shard !== '', shard, why: '' });
const wrong = (...shards: string[]) =>
  misrouted(
    shards.map((shard, at) => asked(at * 10, shard)),
    'a',
    5,
  );

describe('a room counts as on one shard', () => {
  it('if it left the broken one for another and stayed there', () => {
    expect(wrong('a', 'b', 'b')).toEqual([]);
    expect(wrong('b', 'b', 'b')).toEqual([]);
  });

  it('but not if it returned, or left a healthy shard', () => {
    expect(wrong('a', 'b', 'a')).toEqual(['party']);
    expect(wrong('b', 'a')).toEqual(['party']);
    expect(misrouted([asked(0, 'a'), asked(1, 'b')], 'a', 5)).toEqual(['party']);
  });

  it('regardless of unanswered requests', () => {
    expect(wrong('a', '', 'b', '', 'b')).toEqual([]);
  });
});
