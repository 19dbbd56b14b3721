import type { Machine } from '../../cloud/machines.js';
import { type DrillRun, REPLACED_WITHIN_MS } from './drill-run.js';
import type { BrowserView } from './events.js';
import { describeMachine } from './machine-states.js';
import {
  disturbed,
  longestWithoutPlace,
  lostConnections,
  type Measured,
  type Measurement,
  measurement,
  newcomers,
  splitRooms,
} from './measurements.js';
import type { WatchedRoom } from './room-states.js';

/** Parts of a drill's result that depend on its kind. */
export interface Outcome {
  /** Description of the fault. */
  readonly broke: string;
  /** The machines that fail for their participants; none if they drain first. */
  readonly victims: readonly Machine[];
  /** Unaffected rooms. */
  readonly elsewhere: readonly WatchedRoom[];
  readonly measurements: readonly Measurement[];
}

/** How machines are broken. */
export interface Fault {
  /** As in "cut the power of". */
  readonly verb: string;
  /** Whether it terminates the machines, so that their groups replace them. */
  readonly replaced: boolean;
  bring(machines: readonly Machine[]): Promise<void>;
}

/** Limit in seconds for the slowest new participant: a page that loads slowly. */
const NEWCOMER_LIMIT = 10;

/** Timeout for videos. Longer than the limits, so that a gap beyond its limit is measured too. */
export const PICTURES_PATIENCE_MS = 180_000;

/** Limits for gaps of browsers. `longest` and `again`: seconds. */
export interface PictureLimits {
  /** Longest time in which a browser may not see all others. */
  readonly longest: number;
  /** From the fault until the end of each browser's longest gap. Default: only reported. */
  readonly again?: number;
  /** Maximum number of page reloads. Default: only reported. */
  readonly reloads?: number;
}

/** Gaps of browsers, if there are any. No user may need a click. */
export function videoMeasurements(run: DrillRun, limits: PictureLimits): Measurement[] {
  const views = run.pictures();
  if (views.length === 0) return [];
  const longest = views.map(({ gaps }) => longestOf(gaps));
  const most = (value: (gap: Closed) => number) =>
    longest.every((gap) => gap !== undefined) ? Math.max(...longest.map(value)) : undefined;
  const again = most(({ to }) => to);
  const processor = run.processor(again ?? Number.POSITIVE_INFINITY);
  const sum = (key: 'reloads' | 'clicks') => views.reduce((total, view) => total + view[key], 0);
  return [
    measurement('pictures-again', 'all browsers received all cameras again after', again, 's', limits.again),
    measurement(
      'pictures',
      'longest time of a browser without all cameras',
      most(({ from, to }) => to - from),
      's',
      limits.longest,
    ),
    measurement('reloads', 'page reloads', sum('reloads'), '', limits.reloads),
    measurement('clicks', 'clicks needed to return to the meeting', sum('clicks'), '', 0),
    ...(processor
      ? [
          measurement(
            'processor-busy',
            'processor use of this machine until then',
            percent(processor.busy),
            '%',
          ),
          measurement('processor-taken', 'processor time taken by its host', percent(processor.taken), '%'),
        ]
      : []),
  ];
}

const percent = (share: number): number => Math.round(share * 100);

type Closed = { readonly from: number; readonly to: number };

/** The longest gap of a browser, which is caused by the fault; undefined while one lasts. */
function longestOf(gaps: BrowserView['gaps']): Closed | undefined {
  return gaps.reduce<Closed | undefined>(
    (longest, { from, to }) => {
      if (!longest || to === undefined) return undefined;
      return to - from > longest.to - longest.from ? { from, to } : longest;
    },
    { from: 0, to: 0 },
  );
}

/** Number of connections that participants of these rooms lost. A drill of a bridge must not break any. */
export const dropped = (measured: Measured, rooms: readonly WatchedRoom[]): Measurement =>
  measurement('dropped', 'participants who lost their connection', lostConnections(measured, rooms), '', 0);

/** Limit in seconds that a participant may be without an endpoint during the change of bridges. */
const WITHOUT_PLACE_LIMIT = 5;

/** The longest time of a participant of these rooms between two bridges. */
export const withoutPlace = (measured: Measured, rooms: readonly WatchedRoom[]): Measurement =>
  measurement(
    'without-place',
    'longest time of a participant without a bridge',
    longestWithoutPlace(measured, rooms),
    's',
    WITHOUT_PLACE_LIMIT,
  );

/** Number of disturbed calls on unaffected bridges. */
export const otherCalls = (measured: Measured, elsewhere: readonly WatchedRoom[]): Measurement =>
  measurement(
    'other-calls',
    'calls on other bridges that were disturbed',
    disturbed(measured, elsewhere),
    '',
    0,
  );

/** Measurements of every drill: split rooms, new participants, recovery. */
export function commonMeasurements(
  run: DrillRun,
  measured: Measured,
  asBefore: number | undefined,
): Measurement[] {
  return [
    measurement('split-rooms', 'rooms split over two shards', splitRooms(measured), '', 0),
    ...(run.newcomers.length > 0
      ? [
          measurement(
            'newcomers',
            'the slowest new participant saw all others after',
            newcomers(measured, run.newcomers),
            's',
            NEWCOMER_LIMIT,
          ),
        ]
      : []),
    measurement('as-before', 'everything was restored after', asBefore, 's', REPLACED_WITHIN_MS / 1_000),
  ];
}

/** `shard a (i-0123, eu-central-1a)`. */
export const named = (machine: Machine): string =>
  `${describeMachine(machine)} (${machine.id}, ${machine.zone})`;

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? '');
