import type { MachineState, Seen } from './events.js';
import { type DeadAddresses, splits, unusable, type WatchedRoom } from './room-states.js';

/** Something that a drill measured, and whether it may be so. */
export interface Measurement {
  /** Stable word for scripts. */
  readonly id: string;
  readonly name: string;
  /** Undefined, and left out of JSON: it never came to that. */
  readonly value: number | undefined;
  readonly unit: 's' | '%' | '';
  /** The most that passes; undefined where it is only told. */
  readonly limit?: number;
  readonly ok: boolean;
}

/** An amount as it is written where it is not seconds. */
export const withUnit = (amount: number, unit: Measurement['unit']): string =>
  `${amount}${unit && ` ${unit}`}`;

/** A measurement with its verdict: what never happened passes no limit. */
export function measurement(
  id: string,
  name: string,
  value: number | undefined,
  unit: Measurement['unit'],
  limit?: number,
): Measurement {
  const ok = limit === undefined || (value !== undefined && value <= limit);
  return { id, name, value, unit, ...(limit !== undefined && { limit }), ok };
}

/** What the measurements are made of. */
export interface Measured {
  readonly seen: Seen;
  readonly rooms: readonly WatchedRoom[];
  readonly dead: DeadAddresses;
}

/** Seconds from the break until every one of the rooms could be used for good; 0 when none was ever disturbed. */
export function usableAgain({ seen, dead }: Measured, rooms: readonly WatchedRoom[]): number | undefined {
  return latest(
    rooms.map((room) => {
      const last = unusable(room, seen, dead).at(-1);
      if (!last) return 0;
      return last.to === undefined ? undefined : last.to - seen.broken;
    }),
  );
}

/** How many of the rooms could not be used for a while. */
export const disturbed = ({ seen, dead }: Measured, rooms: readonly WatchedRoom[]): number =>
  rooms.filter((room) => unusable(room, seen, dead).length > 0).length;

/**
 * Seconds from the break until everybody in these rooms whose place was on these addresses was given a new one. A room may
 * be on two bridges, and then only some of its people have to move.
 */
export function placedAnew(
  { seen }: Measured,
  rooms: readonly WatchedRoom[],
  left: DeadAddresses,
): number | undefined {
  return latest(
    rooms.flatMap(({ name, members }) =>
      members.flatMap((who) => {
        const offers = seen.participants.flatMap((event) =>
          event.kind === 'offered' && event.who === who && event.room === name ? [event] : [],
        );
        const before = offers.findLast(({ at }) => at < seen.broken);
        if (!before?.addresses.some((address) => left.has(address))) return [];
        const placed = offers.find(({ at }) => at >= seen.broken);
        return [placed && placed.at - seen.broken];
      }),
    ),
  );
}

/** The longest time, in seconds, that anybody was without a place on a bridge between two places. */
export function longestWithoutPlace({ seen }: Measured, rooms: readonly WatchedRoom[]): number | undefined {
  return latest(
    rooms.flatMap(({ name, members }) =>
      members.flatMap((who) => {
        const its = seen.participants.filter((event) => event.who === who && event.room === name);
        return its.flatMap((event, index) => {
          if (event.kind !== 'ended' || event.at < seen.broken) return [];
          const next = its.slice(index + 1).find(({ kind }) => kind === 'offered');
          return [next && next.at - event.at];
        });
      }),
    ),
  );
}

/** How often anybody in these rooms lost the connection after the break. */
export function lostConnections({ seen }: Measured, rooms: readonly WatchedRoom[]): number {
  const names = new Set(rooms.map(({ name }) => name));
  return seen.participants.filter(
    ({ kind, room, at }) => kind === 'lost' && names.has(room) && at >= seen.broken,
  ).length;
}

/**
 * Rooms that somebody joined on another shard than the one where they had been, after a moment. A room that was on `lost`
 * before the break is where its first member came back, however late that was.
 */
export function movedAfter(
  { seen }: Measured,
  rooms: readonly WatchedRoom[],
  moment: number,
  lost?: string,
): number {
  return rooms.filter(({ name }) => {
    const joins = seen.participants.flatMap((event) =>
      event.kind === 'joined' && event.room === name && (event.at >= seen.broken || event.shard !== lost)
        ? [event]
        : [],
    );
    const home = joins.findLast(({ at }) => at < moment) ?? joins[0];
    return joins.some(({ at, shard }) => at >= moment && shard !== home?.shard);
  }).length;
}

/** Rooms of which people were on two shards at the same time, after the break. */
export function splitRooms({ seen }: Measured): number {
  const since = splits(seen.participants).filter(({ span: { to } }) => to === undefined || to > seen.broken);
  return new Set(since.map(({ room }) => room)).size;
}

/** Failed requests for rooms that nothing happened to, and seconds from the break to the last of them. */
export function failedRequests({ seen }: Measured): { count: number; until: number } {
  const failed = seen.requests.filter(({ ok, at }) => !ok && at >= seen.broken);
  return { count: failed.length, until: seconds((failed.at(-1)?.at ?? seen.broken) - seen.broken) };
}

/** Seconds from coming, of the slowest newcomer, to seeing everybody; undefined when one never did. */
export function newcomers({ seen }: Measured, came: readonly Newcomer[]): number | undefined {
  return latest(
    came.map(({ who, room, at, people }) => {
      const there = seen.participants.find(
        (event) =>
          event.kind === 'sees' &&
          event.who === who &&
          event.room === room &&
          event.at >= at &&
          event.people >= people,
      );
      return there && there.at - at;
    }),
  );
}

export interface Newcomer {
  readonly who: string;
  readonly room: string;
  /** When it set out, in milliseconds since the epoch. */
  readonly at: number;
  /** How many it should see, itself among them. */
  readonly people: number;
}

/** Seconds from the break until the last of these machines was so. */
export function machinesWere(
  { seen }: Measured,
  ids: readonly string[],
  state: MachineState,
): number | undefined {
  return latest(
    ids.map((id) => {
      const event = seen.machines.find(
        (one) => one.id === id && one.state === state && one.at >= seen.broken,
      );
      return event && event.at - seen.broken;
    }),
  );
}

/** When, in milliseconds since the epoch, the first machine of this duty that came after the break began to serve. */
export const replacedAt = ({ seen }: Measured, what: string): number | undefined =>
  seen.machines.find((event) => event.what === what && event.state === 'serving' && event.at > seen.broken)
    ?.at;

/** Seconds of the latest, from milliseconds; undefined if one of them never came; 0 of none. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  let most = 0;
  for (const time of times) {
    if (time === undefined) return undefined;
    most = Math.max(most, time);
  }
  return seconds(most);
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 10) / 100;
