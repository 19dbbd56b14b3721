import type { MachineState, Seen } from './events.js';
import { type DeadAddresses, splits, unusable, type WatchedRoom } from './room-states.js';

/** A measurement of a drill, and whether it is within its limit. */
export interface Measurement {
  /** Stable identifier for scripts. */
  readonly id: string;
  readonly name: string;
  /** Undefined, and omitted from JSON, if the event never happened. */
  readonly value: number | undefined;
  readonly unit: 's' | '%' | '';
  /** Maximum; undefined if the value is only reported. */
  readonly limit?: number;
  readonly ok: boolean;
}

/** Text of a value that is not in seconds. */
export const withUnit = (amount: number, unit: Measurement['unit']): string =>
  `${amount}${unit && ` ${unit}`}`;

/** A measurement with its verdict. An event that never happened exceeds every limit. */
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

/** Input of measurements. */
export interface Measured {
  readonly seen: Seen;
  readonly rooms: readonly WatchedRoom[];
  readonly dead: DeadAddresses;
}

/** Seconds from the fault until all of the rooms stayed usable; 0 if none was disturbed. */
export function usableAgain({ seen, dead }: Measured, rooms: readonly WatchedRoom[]): number | undefined {
  return latest(
    rooms.map((room) => {
      const last = unusable(room, seen, dead).at(-1);
      if (!last) return 0;
      return last.to === undefined ? undefined : last.to - seen.broken;
    }),
  );
}

/** Number of the rooms that were unusable for a while. */
export const disturbed = ({ seen, dead }: Measured, rooms: readonly WatchedRoom[]): number =>
  rooms.filter((room) => unusable(room, seen, dead).length > 0).length;

/**
 * Seconds from the fault until all participants in these rooms with an endpoint at these addresses had a new one. A room may
 * be on two bridges, and then only some of its participants have to move.
 */
export function placedAgain(
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

/** The longest time of a participant between two endpoints on bridges, in seconds. */
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

/** Number of connections that participants of these rooms lost after the fault. */
export function lostConnections({ seen }: Measured, rooms: readonly WatchedRoom[]): number {
  const names = new Set(rooms.map(({ name }) => name));
  return seen.participants.filter(
    ({ kind, room, at }) => kind === 'lost' && names.has(room) && at >= seen.broken,
  ).length;
}

/**
 * Rooms that a participant joined on another shard than the room's, after a moment. The shard of a room that was on `lost` is
 * the one on which its first participant rejoined, at any time.
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

/** Rooms with participants on two shards at the same time, after the fault. */
export function splitRooms({ seen }: Measured): number {
  const since = splits(seen.participants).filter(({ span: { to } }) => to === undefined || to > seen.broken);
  return new Set(since.map(({ room }) => room)).size;
}

/** Failed requests for unaffected rooms, and seconds from the fault to the last of them. */
export function failedRequests({ seen }: Measured): { count: number; until: number } {
  const failed = seen.requests.filter(({ ok, at }) => !ok && at >= seen.broken);
  return { count: failed.length, until: seconds((failed.at(-1)?.at ?? seen.broken) - seen.broken) };
}

/** Seconds that the slowest new participant needed to see everybody; undefined if one never did. */
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
  /** Start of its attempt to join, in milliseconds since the epoch. */
  readonly at: number;
  /** Number of participants that it should see, itself included. */
  readonly people: number;
}

/** Seconds from the fault until the last of these machines had this state. */
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

/** Time in milliseconds since the epoch at which the first new machine of this role was in service after the fault. */
export const replacedAt = ({ seen }: Measured, what: string): number | undefined =>
  seen.machines.find((event) => event.what === what && event.state === 'serving' && event.at > seen.broken)
    ?.at;

/** The latest of these times in seconds, from milliseconds; undefined if one is undefined; 0 for an empty list. */
function latest(times: readonly (number | undefined)[]): number | undefined {
  let most = 0;
  for (const time of times) {
    if (time === undefined) return undefined;
    most = Math.max(most, time);
  }
  return seconds(most);
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 10) / 100;
