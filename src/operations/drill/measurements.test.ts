import { describe, expect, it } from 'vitest';
import type { Noticed, ParticipantEvent, Seen } from './events.js';
import {
  disturbed,
  failedRequests,
  longestWithoutPlace,
  lostConnections,
  type Measured,
  measurement,
  movedAfter,
  newcomers,
  placedAgain,
  replacedAt,
  splitRooms,
  usableAgain,
} from './measurements.js';
import type { WatchedRoom } from './room-states.js';
import { timeline } from './timeline.js';

const BROKEN = 10_000;
const PARTY: WatchedRoom = { name: 'party', members: ['anna', 'ben'] };
const QUIET: WatchedRoom = { name: 'quiet', members: ['cleo'] };

const event = (at: number, who: string, room: string, noticed: Noticed): ParticipantEvent => ({
  at,
  room,
  who,
  ...noticed,
});
const comes = (at: number, who: string, room: string, shard: string, people: number): ParticipantEvent[] => [
  event(at, who, room, { kind: 'joined', shard }),
  event(at, who, room, { kind: 'sees', people }),
  event(at, who, room, { kind: 'offered', addresses: ['203.0.113.1'] }),
];

/** Two rooms; the party loses its shard, and both participants are on another one 4 s and 6 s later. */
const participants = [
  ...comes(1_000, 'anna', 'party', 'a', 2),
  ...comes(1_100, 'ben', 'party', 'a', 2),
  ...comes(1_200, 'cleo', 'quiet', 'b', 1),
  event(12_000, 'anna', 'party', { kind: 'lost', heard: 10_000 }),
  event(13_000, 'ben', 'party', { kind: 'lost', heard: 10_000 }),
  ...comes(14_000, 'anna', 'party', 'b', 2),
  ...comes(16_000, 'ben', 'party', 'b', 2),
];
const machine = { id: 'i-1', what: 'shard a', zone: 'x' };
const seen = (more: readonly ParticipantEvent[] = [], changes: Partial<Seen> = {}): Seen => ({
  broken: BROKEN,
  participants: [...participants, ...more],
  requests: [],
  machines: [
    { ...machine, at: 500, state: 'serving' },
    { ...machine, at: 10_500, state: 'gone' },
    { ...machine, id: 'i-2', at: 12_000, state: 'starting' },
    { ...machine, id: 'i-2', at: 40_000, state: 'serving' },
  ],
  drill: [{ at: BROKEN, what: 'cut the power of shard a' }],
  ...changes,
});
const measured = (...args: Parameters<typeof seen>): Measured => ({
  seen: seen(...args),
  rooms: [PARTY, QUIET],
  dead: new Set(),
});

describe('measurements of a failed shard', () => {
  it('have the time until its rooms were usable again, and 0 for undisturbed rooms', () => {
    expect(usableAgain(measured(), [PARTY])).toBe(6);
    expect(usableAgain(measured(), [QUIET])).toBe(0);
    expect(disturbed(measured(), [PARTY, QUIET])).toBe(1);
    expect(lostConnections(measured(), [PARTY, QUIET])).toBe(2);
  });

  it('are undefined if an event never happened, which exceeds every limit', () => {
    const unrecovered = measured([event(20_000, 'cleo', 'quiet', { kind: 'lost', heard: 20_000 })]);
    expect(usableAgain(unrecovered, [QUIET])).toBeUndefined();
    expect(measurement('again', 'again', undefined, 's', 60)).toMatchObject({ ok: false });
    expect(measurement('reported', 'only reported', undefined, 's')).toMatchObject({ ok: true });
    expect(measurement('again', 'again', 60.1, 's', 60).ok).toBe(false);
  });

  it('count rooms that moved again when the shard returned', () => {
    const returned = replacedAt(measured(), 'shard a') ?? 0;
    expect(returned).toBe(40_000);
    expect(movedAfter(measured(), [PARTY, QUIET], returned)).toBe(0);
    const back = measured([event(41_000, 'anna', 'party', { kind: 'joined', shard: 'a' })]);
    expect(movedAfter(back, [PARTY, QUIET], returned)).toBe(1);
    // The shard recovered before any participant reconnected: the shard of the first to reconnect is the party's new shard.
    expect(movedAfter(measured(), [PARTY, QUIET], BROKEN + 1_000, 'a')).toBe(0);
    expect(movedAfter(back, [PARTY, QUIET], BROKEN + 1_000, 'a')).toBe(1);
  });

  it('count rooms with participants on two shards, but not splits that ended before the fault', () => {
    expect(splitRooms(measured())).toBe(0);
    const astray = (from: number, to: number) => [
      event(from, 'dora', 'party', { kind: 'joined', shard: 'b' }),
      event(to, 'dora', 'party', { kind: 'lost', heard: to }),
    ];
    expect(splitRooms(measured(astray(2_000, 9_000)))).toBe(0);
    expect(splitRooms(measured(astray(2_000, 10_500)))).toBe(0);
    expect(splitRooms(measured([event(17_000, 'dora', 'party', { kind: 'joined', shard: 'a' })]))).toBe(1);
  });

  it('use the slowest new participant, who has to see everybody', () => {
    const came = [{ who: 'dora', room: 'party', at: 20_000, people: 3 }];
    const alone = event(21_000, 'dora', 'party', { kind: 'sees', people: 1 });
    expect(newcomers(measured([alone]), came)).toBeUndefined();
    expect(
      newcomers(measured([alone, event(22_500, 'dora', 'party', { kind: 'sees', people: 3 })]), came),
    ).toBe(2.5);
  });

  it('count requests that failed after the fault, and have the time of the last one', () => {
    const request = (at: number, ok: boolean) => ({
      at,
      room: 'quiet',
      ok,
      shard: '',
      why: ok ? '' : 'no answer',
    });
    const requests = [
      request(9_000, false),
      request(10_500, false),
      request(13_000, false),
      request(14_000, true),
    ];
    expect(failedRequests(measured([], { requests }))).toEqual({ count: 2, until: 3 });
    expect(failedRequests(measured())).toEqual({ count: 0, until: 0 });
  });
});

describe('measurements of a bridge', () => {
  const moved = [
    event(30_000, 'cleo', 'quiet', { kind: 'ended' }),
    event(30_400, 'cleo', 'quiet', { kind: 'offered', addresses: ['203.0.113.2'] }),
  ];
  const LEFT = new Set(['203.0.113.1']);

  it('have the time until all participants had another endpoint, and the longest time without one', () => {
    expect(placedAgain(measured(moved), [QUIET], LEFT)).toBe(20.4);
    expect(longestWithoutPlace(measured(moved), [QUIET])).toBe(0.4);
    // Participants on another bridge do not have to move.
    expect(placedAgain(measured(moved), [QUIET], new Set(['203.0.113.3']))).toBe(0);
    expect(placedAgain(measured(), [QUIET], LEFT)).toBeUndefined();
    expect(longestWithoutPlace(measured(moved.slice(0, 1)), [QUIET])).toBeUndefined();
  });
});

describe('the timeline', () => {
  const view = { name: 'Participant 1', gaps: [{ from: 3, to: 7.5 }], reloads: 0, clicks: 0 };
  const drawn = timeline(measured(), [QUIET], [view], 50_000);

  it('lists events of rooms and machines in order', () => {
    expect(drawn.moments.map(({ at, what }) => `${at} ${what}`)).toEqual([
      '0 cut the power of shard a',
      '0.5 shard a (i-1, x) is terminated',
      '2 shard a (i-2, x) was launched',
      '2 room 1: the first connection is lost',
      '2 room 1 cannot be used',
      '3 room 1: 2 connections were lost',
      '3 browser 1 does not see everybody',
      '4 room 1: the first participant has reconnected, on shard b',
      '6 room 1 can be used again',
      '7.5 browser 1 sees everybody again',
      '30 shard a (i-2, x) is in service',
    ]);
  });

  it('has a continuous lane for each', () => {
    expect(drawn).toMatchObject({ from: -9, to: 40 });
    expect(drawn.lanes).toEqual([
      {
        name: 'room 1',
        spans: [
          { from: -9, to: 2, state: 'good' },
          { from: 2, to: 6, state: 'bad' },
          { from: 6, to: 40, state: 'good' },
        ],
      },
      { name: 'room 2 (elsewhere)', spans: [{ from: -9, to: 40, state: 'good' }] },
      {
        name: 'browser 1',
        spans: [
          { from: -9, to: 3, state: 'good' },
          { from: 3, to: 7.5, state: 'bad' },
          { from: 7.5, to: 40, state: 'good' },
        ],
      },
      {
        name: 'shard a i-1',
        spans: [
          { from: -9, to: 0.5, state: 'good' },
          { from: 0.5, to: 40, state: 'away' },
        ],
      },
      {
        name: 'shard a i-2',
        spans: [
          { from: 2, to: 30, state: 'changing' },
          { from: 30, to: 40, state: 'good' },
        ],
      },
    ]);
  });
});
