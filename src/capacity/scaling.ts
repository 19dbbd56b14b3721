import type { Bridges } from '../config/deployment.js';
import { STRESS_EVERY } from '../contract/metrics.js';

/**
 * When bridges come and go. Stress is Videobridge's own metric: 0 idle, 1 full; Jicofo calls a bridge overloaded at 0.8
 * and puts new meetings elsewhere. A new bridge needs about a minute on EC2, so more are wanted well before that.
 */
export const SCALING = {
  out: {
    /** Average over all bridges from which bridges are added. */
    average: 0.5,
    /** Stress of the most loaded bridge from which one is added, however idle the others are: a large meeting cannot be moved. */
    maximum: 0.7,
    /** Seconds that each value covers. */
    period: STRESS_EVERY,
    /** Number of the last three values that must be above. A single one may be an outlier. */
    of: 3,
    values: 2,
    /** Bridges to add, by how far the average exceeds its threshold. */
    steps: [
      { above: 0, add: 1 },
      { above: 0.15, add: 2 },
      { above: 0.3, add: 4 },
    ],
    /** Seconds until a new bridge counts: until then neither its low stress nor missing values mean anything. */
    warmUp: 90,
  },
  in: {
    /** Average below which a bridge is removed. Less than half of the threshold for adding, so that a removal never causes an addition. */
    average: 0.2,
    /** Number of consecutive minutes. */
    minutes: 10,
    /** Seconds until the next removal. */
    cooldown: 300,
    /** Minimum number of values per bridge and minute. With fewer, no bridge is removed. */
    reports: 60 / STRESS_EVERY - 1,
  },
} as const;

/** Facts for the decision about the number of bridges. */
export interface Load {
  /** Newest first; each the average and the maximum over the bridges in one period. Undefined: nothing was reported. */
  readonly recent: readonly ({ readonly average: number; readonly maximum: number } | undefined)[];
  /** Newest first, a minute each: the average, and how many values came. */
  readonly minutes: readonly ({ readonly average: number; readonly reports: number } | undefined)[];
  /** Bridges in service. */
  readonly running: number;
}

/**
 * How many bridges to add (positive) or to let go (−1). The same rules as the stack's alarms and policies, as
 * one function. Missing metrics do not count as no load.
 */
export function change(load: Load): number {
  const { out } = SCALING;
  const recent = load.recent.slice(0, out.of);
  const above = (value: 'average' | 'maximum', limit: number) =>
    recent.filter((period) => period !== undefined && period[value] >= limit).length >= out.values;
  if (above('average', out.average)) {
    const newest = recent.find((period) => period !== undefined)?.average ?? out.average;
    const step = out.steps.findLast(({ above: from }) => newest - out.average >= from);
    return step?.add ?? out.steps[0].add;
  }
  if (above('maximum', out.maximum)) return 1;
  return idle(load) ? -1 : 0;
}

function idle({ minutes, running }: Load): boolean {
  const window = minutes.slice(0, SCALING.in.minutes);
  return (
    window.length === SCALING.in.minutes &&
    window.every(
      (minute) =>
        minute !== undefined &&
        minute.reports >= running * SCALING.in.reports &&
        minute.average < SCALING.in.average,
    )
  );
}

/** A change of the group's minimum at a time of the week, as Auto Scaling's scheduled actions take it. */
export interface ScheduledMinimum {
  /** Letters and digits, one of its kind in the deployment. */
  readonly name: string;
  /** Cron expression in the group's time zone. */
  readonly recurrence: string;
  readonly min: number;
}

/**
 * The schedule as changes of the minimum. At the end of a busy time only the minimum goes down; bridges leave as they
 * get idle. Where two busy times touch or overlap on a day, the minimum is the higher of those that last.
 */
export function scheduledMinimums({ schedule, min }: Pick<Bridges, 'schedule' | 'min'>): ScheduledMinimum[] {
  const busy = schedule.map((time) => ({ ...time, days: daysOf(time.days) }));
  const minimum = (day: string, time: string) =>
    Math.max(
      min,
      ...busy.filter((b) => b.days.includes(day) && b.from <= time && time < b.until).map((b) => b.min),
    );
  const days = new Map<string, string[]>();
  for (const day of WEEK) {
    const times = busy.filter((b) => b.days.includes(day)).flatMap(({ from, until }) => [from, until]);
    for (const time of new Set(times)) {
      const change = `${time} ${minimum(day, time)}`;
      days.set(change, [...(days.get(change) ?? []), day]);
    }
  }
  return [...days].map(([change, on]) => {
    const [time = '', least = ''] = change.split(' ');
    const [hour, minute] = time.split(':').map(Number);
    return {
      name: `AtLeast${least}From${time.replace(':', '')}`,
      recurrence: `${minute} ${hour} * * ${on.join(',')}`,
      min: Number(least),
    };
  });
}

const WEEK = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

/** The days that an expression such as `MON-WED,SAT` names. A range may go over the end of the week. */
function daysOf(expression: string): string[] {
  return expression.split(',').flatMap((part) => {
    const [from = '', to = from] = part.split('-');
    const [first, last] = [WEEK.indexOf(from), WEEK.indexOf(to)];
    const count = ((last - first + 7) % 7) + 1;
    return Array.from({ length: count }, (_, day) => WEEK[(first + day) % 7] ?? '');
  });
}
