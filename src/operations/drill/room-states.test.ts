import { describe, expect, it } from 'vitest';
import type { Noticed, ParticipantEvent, Seen } from './events.js';
import { isUsable, splits, unusable, type WatchedRoom } from './room-states.js';

const ROOM: WatchedRoom = { name: 'party', members: ['anna', 'ben'] };
const BROKEN = 1_000;

const event = (at: number, who: string, noticed: Noticed, room = 'party'): ParticipantEvent => ({
  at,
  room,
  who,
  ...noticed,
});

const comes = (at: number, who: string, shard: string, bridge = '203.0.113.1'): ParticipantEvent[] => [
  event(at, who, { kind: 'joined', shard }),
  event(at, who, { kind: 'sees', people: 2 }),
  event(at, who, { kind: 'offered', addresses: ['10.20.0.1', bridge] }),
];

const seen = (...participants: ParticipantEvent[][]): Seen => ({
  broken: BROKEN,
  participants: participants.flat().sort((one, other) => one.at - other.at),
  requests: [],
  machines: [],
  drill: [],
});

const lost = (at: number, who: string, heard = at) => [event(at, who, { kind: 'lost', heard })];
const ALIVE = new Set<string>();

describe('a room is unusable', () => {
  const there = [...comes(10, 'anna', 'a'), ...comes(20, 'ben', 'a')];

  it('from the first lost connection until all participants see each other again', () => {
    const all = seen(
      there,
      lost(1_100, 'anna'),
      lost(1_200, 'ben'),
      comes(2_000, 'anna', 'b'),
      comes(3_000, 'ben', 'b'),
    );
    expect(unusable(ROOM, all, ALIVE)).toEqual([{ from: 1_100, to: 3_000 }]);
  });

  it('from the fault of its bridge until all participants have an endpoint on another one', () => {
    const moved = (at: number, who: string) => [
      event(at, who, { kind: 'ended' }),
      event(at + 5, who, { kind: 'offered', addresses: ['203.0.113.2'] }),
    ];
    const all = seen(there, moved(4_000, 'anna'), moved(4_100, 'ben'));
    expect(unusable(ROOM, all, new Set(['203.0.113.1']))).toEqual([{ from: BROKEN, to: 4_105 }]);
  });

  it('while a connected participant does not see the others', () => {
    const all = seen(there, [
      event(1_500, 'anna', { kind: 'sees', people: 1 }),
      event(1_700, 'anna', { kind: 'sees', people: 2 }),
    ]);
    expect(unusable(ROOM, all, ALIVE)).toEqual([{ from: 1_500, to: 1_700 }]);
  });

  it('without an end while the condition lasts', () => {
    expect(unusable(ROOM, seen(there, lost(1_100, 'anna')), ALIVE)).toEqual([{ from: 1_100, to: undefined }]);
  });

  it('never if only other rooms are disturbed', () => {
    const other = [event(1_500, 'anna', { kind: 'lost', heard: 1_500 }, 'other')];
    expect(unusable(ROOM, seen(there, other), ALIVE)).toEqual([]);
    expect(isUsable(ROOM, there, ALIVE)).toBe(true);
    expect(isUsable(ROOM, there.slice(0, -1), ALIVE)).toBe(false);
  });
});

describe('a room is split', () => {
  it('when two participants are on two shards that both answer', () => {
    const all = [...comes(10, 'anna', 'a'), ...comes(2_000, 'ben', 'b')];
    expect(splits(all)).toEqual([
      { room: 'party', shards: ['a', 'b'], span: { from: 2_000, to: undefined } },
    ]);
  });

  it('but not while a participant has not noticed yet that the old shard has failed', () => {
    const all = seen(
      comes(10, 'anna', 'a'),
      comes(20, 'ben', 'a'),
      lost(1_200, 'anna', 1_000),
      comes(2_000, 'anna', 'b'),
      lost(26_000, 'ben', 1_000),
      comes(27_000, 'ben', 'b'),
    );
    expect(splits(all.participants)).toEqual([]);
  });

  it('but not by other rooms on different shards', () => {
    const other = comes(20, 'ben', 'b').map((one) => ({ ...one, room: 'other' }));
    expect(splits([...comes(10, 'anna', 'a'), ...other])).toEqual([]);
  });
});
