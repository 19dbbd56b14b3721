import { describe, expect, it } from 'vitest';
import { misrouted } from './http-clients.js';

const asked = (at: number, shard: string) => ({ at, room: 'party', ok: shard !== '', shard, why: '' });
const wrong = (...shards: string[]) =>
  misrouted(
    shards.map((shard, at) => asked(at * 10, shard)),
    'a',
    5,
  );

describe('a room is sent to one shard', () => {
  it('also when it left the broken one for another and stayed there', () => {
    expect(wrong('a', 'b', 'b')).toEqual([]);
    expect(wrong('b', 'b', 'b')).toEqual([]);
  });

  it('but not when it went back, or left a shard that is well', () => {
    expect(wrong('a', 'b', 'a')).toEqual(['party']);
    expect(wrong('b', 'a')).toEqual(['party']);
    expect(misrouted([asked(0, 'a'), asked(1, 'b')], 'a', 5)).toEqual(['party']);
  });

  it('whatever requests were not answered', () => {
    expect(wrong('a', '', 'b', '', 'b')).toEqual([]);
  });
});
