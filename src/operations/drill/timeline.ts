import type { BrowserView, MachineEvent, MachineState, Seen } from './events.js';
import type { Measured } from './measurements.js';
import { type DeadAddresses, unusable, type WatchedRoom } from './room-states.js';

/** An event with its time in seconds after the fault. */
export interface Moment {
  readonly at: number;
  readonly what: string;
}

/** States of a room or machine over time, in seconds after the fault. */
export interface Lane {
  readonly name: string;
  readonly spans: readonly {
    readonly from: number;
    readonly to: number;
    /** `good`: usable, in service. `changing`: starting or draining. `bad`: not usable. `away`: does not exist. */
    readonly state: 'good' | 'changing' | 'bad' | 'away';
  }[];
}

export interface Timeline {
  readonly moments: readonly Moment[];
  readonly lanes: readonly Lane[];
  /** Beginning and end in seconds after the fault. */
  readonly from: number;
  readonly to: number;
}

/** All observations for a reader: by rooms and machines rather than by participant. */
export function timeline(
  { seen, rooms, dead }: Measured,
  elsewhere: readonly WatchedRoom[],
  browsers: readonly BrowserView[],
  ended: number,
): Timeline {
  // The generated names of rooms are meaningless, so rooms are numbered.
  const label = (room: WatchedRoom, index: number) =>
    `room ${index + 1}${elsewhere.includes(room) ? ' (elsewhere)' : ''}`;
  const at = (time: number) => Math.round((time - seen.broken) / 10) / 100;
  const from = Math.min(0, ...seen.participants.slice(0, 1).map((event) => at(event.at)));
  const moments = [
    ...seen.drill.map(({ at: time, what }) => ({ at: at(time), what })),
    ...seen.machines
      .filter((event) => event.at >= seen.broken)
      .map((event) => ({ at: at(event.at), what: inWords(event) })),
    ...rooms.flatMap((room, index) => roomMoments(label(room, index), room, seen, dead, at)),
    ...requestMoments(seen, at),
    ...browsers.flatMap((view, index) => browserMoments(`browser ${index + 1}`, view)),
  ].sort((one, other) => one.at - other.at);
  return {
    moments,
    lanes: [
      ...rooms.map((room, index) =>
        badLane(
          label(room, index),
          unusable(room, seen, dead).map((span) => ({
            from: at(span.from),
            to: span.to === undefined ? undefined : at(span.to),
          })),
          from,
          at(ended),
        ),
      ),
      ...browsers.map(({ gaps }, index) => badLane(`browser ${index + 1}`, gaps, from, at(ended))),
      ...machineLanes(seen.machines, from, ended, at),
    ],
    from,
    to: at(ended),
  };
}

type Relative = (time: number) => number;

const WORDS: Readonly<Record<MachineState, string>> = {
  starting: 'was launched',
  serving: 'is in service',
  failing: 'gets no more requests',
  leaving: 'is being drained',
  gone: 'is terminated',
};

const inWords = ({ what, id, zone, state }: MachineEvent) => `${what} (${id}, ${zone}) ${WORDS[state]}`;

function roomMoments(
  name: string,
  room: WatchedRoom,
  seen: Seen,
  dead: DeadAddresses,
  at: Relative,
): Moment[] {
  const its = seen.participants.filter((event) => event.room === room.name && event.at >= seen.broken);
  const lost = its.filter(({ kind }) => kind === 'lost');
  const shards = its.flatMap((event) => (event.kind === 'joined' ? [event] : []));
  const came = shards.find(({ at: time }) => lost[0] && time >= lost[0].at);
  return [
    ...lost.slice(0, 1).map((event) => ({ at: at(event.at), what: `${name}: the first connection is lost` })),
    ...(lost.length > 1
      ? [{ at: at(lost.at(-1)?.at ?? 0), what: `${name}: ${lost.length} connections were lost` }]
      : []),
    ...(came
      ? [{ at: at(came.at), what: `${name}: the first participant has reconnected, on shard ${came.shard}` }]
      : []),
    ...unusable(room, seen, dead).flatMap(({ from, to }) => [
      { at: at(from), what: `${name} cannot be used` },
      ...(to === undefined ? [] : [{ at: at(to), what: `${name} can be used again` }]),
    ]),
  ];
}

function requestMoments({ requests, broken }: Seen, at: Relative): Moment[] {
  const failed = requests.filter(({ ok, at: time }) => !ok && time >= broken);
  const [first, last] = [failed[0], failed.at(-1)];
  if (!first || !last) return [];
  return [
    { at: at(first.at), what: `a request for another room fails: ${first.why}` },
    ...(last === first ? [] : [{ at: at(last.at), what: `the last of ${failed.length} failed requests` }]),
  ];
}

function browserMoments(name: string, { gaps }: BrowserView): Moment[] {
  return gaps.flatMap(({ from, to }) => [
    { at: from, what: `${name} does not see everybody` },
    ...(to === undefined ? [] : [{ at: to, what: `${name} sees everybody again` }]),
  ]);
}

/** A lane that is good except in these spans. All in seconds after the fault. */
function badLane(
  name: string,
  bad: readonly { from: number; to: number | undefined }[],
  from: number,
  ended: number,
): Lane {
  const spans: Lane['spans'][number][] = [];
  let until = from;
  for (const span of bad) {
    if (span.from > until) spans.push({ from: until, to: span.from, state: 'good' });
    until = span.to ?? ended;
    spans.push({ from: span.from, to: until, state: 'bad' });
  }
  if (ended > until) spans.push({ from: until, to: ended, state: 'good' });
  return { name, spans };
}

const STATES: Readonly<Record<MachineState, Lane['spans'][number]['state']>> = {
  starting: 'changing',
  serving: 'good',
  failing: 'bad',
  leaving: 'changing',
  gone: 'away',
};

function machineLanes(events: readonly MachineEvent[], from: number, ended: number, at: Relative): Lane[] {
  // A machine is next to its replacement.
  const sorted = [...events].sort((one, other) => one.what.localeCompare(other.what));
  const ids = [...new Set(sorted.map(({ id }) => id))];
  return ids.map((id) => {
    const its = events.filter((event) => event.id === id);
    return {
      name: `${its[0]?.what} ${id.slice(0, 7)}`,
      spans: its.map((event, index) => ({
        from: Math.max(from, at(event.at)),
        to: at(its[index + 1]?.at ?? ended),
        state: STATES[event.state],
      })),
    };
  });
}
