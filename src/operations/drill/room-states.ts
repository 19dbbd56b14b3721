import type { ParticipantEvent, Seen } from './events.js';

/** An observed room. */
export interface WatchedRoom {
  readonly name: string;
  /** Participants who were in the room before the failure. */
  readonly members: readonly string[];
}

/** An interval in milliseconds since the epoch; `to` is undefined while it lasts. */
export interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

/** Media addresses of the broken machines. Endpoints there that were assigned before the fault no longer work. */
export type DeadAddresses = ReadonlySet<string>;

interface Member {
  joined: boolean;
  sees: number;
  place: { readonly at: number; readonly addresses: readonly string[] } | undefined;
}

/**
 * Intervals in which a room was unusable: a participant was disconnected, did not see all others, or had no endpoint on a
 * working bridge.
 */
export function unusable(room: WatchedRoom, seen: Seen, dead: DeadAddresses): Span[] {
  const members = new Map<string, Member>(
    room.members.map((who) => [who, { joined: false, sees: 0, place: undefined }]),
  );
  const usable = (now: number) =>
    [...members.values()].every(
      ({ joined, sees, place }) =>
        joined &&
        sees >= members.size &&
        place !== undefined &&
        !(now >= seen.broken && place.at < seen.broken && place.addresses.some((one) => dead.has(one))),
    );
  const spans: { from: number; to: number | undefined }[] = [];
  const look = (now: number) => {
    const open = spans.at(-1);
    const isOpen = open !== undefined && open.to === undefined;
    if (usable(now)) {
      if (isOpen) open.to = now;
    } else if (!isOpen && now >= seen.broken) {
      spans.push({ from: now, to: undefined });
    }
  };
  let brokenYet = false;
  for (const event of seen.participants) {
    if (!brokenYet && event.at >= seen.broken) {
      brokenYet = true;
      look(seen.broken);
    }
    const member = event.room === room.name ? members.get(event.who) : undefined;
    if (!member) continue;
    follow(member, event);
    if (event.at >= seen.broken) look(event.at);
  }
  if (!brokenYet) look(seen.broken);
  return spans;
}

function follow(member: Member, event: ParticipantEvent): void {
  switch (event.kind) {
    case 'joined':
      member.joined = true;
      break;
    case 'sees':
      member.sees = event.people;
      break;
    case 'offered':
      member.place = { at: event.at, addresses: event.addresses };
      break;
    case 'ended':
      member.place = undefined;
      break;
    case 'lost':
    case 'left':
      member.joined = false;
      member.sees = 0;
      member.place = undefined;
      break;
  }
}

/** A participant's time on a shard, from joining until the server's last answer. */
interface Stay extends Span {
  readonly who: string;
  readonly shard: string;
}

/** Split rooms: participants of a room who were on two working shards at the same time. */
export interface Split {
  readonly room: string;
  readonly shards: readonly [string, string];
  readonly span: Span;
}

export function splits(events: readonly ParticipantEvent[]): Split[] {
  const rooms = new Map<string, ParticipantEvent[]>();
  for (const event of events) rooms.set(event.room, [...(rooms.get(event.room) ?? []), event]);
  return [...rooms].flatMap(([room, its]) => {
    const all = stays(its);
    return all.flatMap((one, index) =>
      all.slice(index + 1).flatMap((other) => {
        const span = overlap(one, other);
        if (one.shard === other.shard || !span) return [];
        return [{ room, shards: [one.shard, other.shard] as const, span }];
      }),
    );
  });
}

/** A failed shard is not noticed immediately, so a participant's time on it ends with its last answer. */
export function stays(events: readonly ParticipantEvent[]): Stay[] {
  const open = new Map<string, { who: string; shard: string; from: number }>();
  const done: Stay[] = [];
  const close = (who: string, to: number) => {
    const stay = open.get(who);
    open.delete(who);
    if (stay) done.push({ ...stay, to: Math.max(stay.from, to) });
  };
  for (const event of events) {
    if (event.kind === 'joined') {
      close(event.who, event.at);
      open.set(event.who, { who: event.who, shard: event.shard, from: event.at });
    } else if (event.kind === 'lost') close(event.who, event.heard);
    else if (event.kind === 'left') close(event.who, event.at);
  }
  return [...done, ...[...open.values()].map((stay) => ({ ...stay, to: undefined }))];
}

function overlap(one: Span, other: Span): Span | undefined {
  const from = Math.max(one.from, other.from);
  const ends = [one.to, other.to].filter((to) => to !== undefined);
  const to = ends.length ? Math.min(...ends) : undefined;
  return to === undefined || to > from ? { from, to } : undefined;
}

/** Whether a room is usable according to all observations. */
export function isUsable(
  room: WatchedRoom,
  participants: readonly ParticipantEvent[],
  dead: DeadAddresses,
): boolean {
  const now = (participants.at(-1)?.at ?? 0) + 1;
  const seen = { broken: now, participants, requests: [], machines: [], drill: [] };
  return unusable(room, seen, dead).length === 0;
}
