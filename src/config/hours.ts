import { clockOf, DAY_MINUTES, DAYS, minute, WEEK_MINUTES, weekdays } from './week.js';

/** When a deployment is open: a list of times of the week. */
export interface Hours {
  readonly open: readonly OpenTime[];
  /** Canonical IANA name of the time zone, or `UTC`. */
  readonly timezone: string;
}

export interface OpenTime {
  /** Days as cron has them: `MON-FRI`, `SAT,SUN`. */
  readonly days: string;
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, later than `from`. */
  readonly until: string;
}

/** Minutes before the opening at which machines start: as long as a machine may take until it serves. */
export const LEAD_MINUTES = 15;

/** Whether the page is open at a moment. */
export const isOpen = (hours: Hours, at: Date): boolean =>
  openMinutes(hours, 0)[minuteOfWeek(at, hours.timezone)] === true;

/** The next opening after a moment: `MON`, `07:30`. Undefined if it never closes. */
export function nextOpening(
  hours: Hours,
  at: Date,
): { readonly day: string; readonly time: string } | undefined {
  const open = openMinutes(hours, 0);
  const now = minuteOfWeek(at, hours.timezone);
  for (let later = 1; later <= WEEK_MINUTES; later++) {
    const then = (now + later) % WEEK_MINUTES;
    if (open[then] && !open[(then - 1 + WEEK_MINUTES) % WEEK_MINUTES])
      return { day: DAYS[Math.floor(then / DAY_MINUTES)] ?? '', time: clockOf(then) };
  }
  return undefined;
}

/** Whether machines run all week. */
export const neverCloses = (hours: Hours): boolean => openMinutes(hours, LEAD_MINUTES).every(Boolean);

/** For each minute of the week, from Monday 00:00 on, whether it is open. Each time begins `lead` minutes early. */
export function openMinutes({ open }: Pick<Hours, 'open'>, lead: number): boolean[] {
  const minutes = new Array<boolean>(WEEK_MINUTES).fill(false);
  for (const time of open) for (const at of minutesOf(time, lead)) minutes[at] = true;
  return minutes;
}

export function* minutesOf({ days, from, until }: OpenTime, lead = 0): Generator<number> {
  for (const day of weekdays(days)) {
    const midnight = DAYS.indexOf(day) * DAY_MINUTES;
    for (let at = minute(from) - lead; at < minute(until); at++)
      yield (midnight + at + WEEK_MINUTES) % WEEK_MINUTES;
  }
}

function minuteOfWeek(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return (
    DAYS.indexOf(part('weekday').toUpperCase()) * DAY_MINUTES + minute(`${part('hour')}:${part('minute')}`)
  );
}
