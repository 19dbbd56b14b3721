import { type Hours, LEAD_MINUTES, minutesOf, openMinutes } from '../config/hours.js';
import { clockOf, DAY_MINUTES, DAYS, WEEK_MINUTES, weekdays } from '../config/week.js';
import type { BusyHours } from './schedule.js';

const HOURS_A_MONTH = 730;

/** A change at a time of the week. */
export interface Change<Value> {
  /** Cron expression in the time zone of the hours: `15 7 * * MON,TUE`. */
  readonly recurrence: string;
  readonly value: Value;
}

/** A change with its time as `HHMM`, for a name. */
export interface NamedChange<Value> extends Change<Value> {
  readonly clock: string;
}

/** The number of machines of a group through the week: none while it is closed, else the minimum of that time. */
export function machineChanges(
  hours: Hours,
  { min, schedule = [] }: { readonly min: number; readonly schedule?: readonly BusyHours[] },
): NamedChange<number>[] {
  const open = openMinutes(hours, LEAD_MINUTES);
  const busy = new Array<number>(WEEK_MINUTES).fill(min);
  for (const time of schedule)
    for (const at of minutesOf(time)) busy[at] = Math.max(busy[at] ?? min, time.min);
  return changes(open.map((isOpen, at) => (isOpen ? (busy[at] ?? min) : 0)));
}

/** Hours a month in which a group runs machines, by the changes of its size: all, if none ends them. */
export function runningHoursAMonth(all: readonly Pick<Change<number>, 'recurrence' | 'value'>[]): number {
  const times = all
    .flatMap(({ recurrence, value }) => {
      const [minutes, hours, , , days = ''] = recurrence.split(' ');
      return weekdays(days).map((day) => ({
        at: DAYS.indexOf(day) * DAY_MINUTES + Number(hours) * 60 + Number(minutes),
        runs: value > 0,
      }));
    })
    .sort((one, other) => one.at - other.at);
  if (times.every(({ runs }) => runs)) return HOURS_A_MONTH;
  const running = times.reduce((sum, { at, runs }, index) => {
    const next = times[index + 1]?.at ?? (times[0]?.at ?? 0) + WEEK_MINUTES;
    return sum + (runs ? next - at : 0);
  }, 0);
  return (running / WEEK_MINUTES) * HOURS_A_MONTH;
}

/** The times at which a value of the week differs from that of the minute before, with the days on which it does. */
function changes<Value>(week: readonly Value[]): NamedChange<Value>[] {
  const found = new Map<string, { readonly at: number; readonly value: Value; readonly days: string[] }>();
  week.forEach((value, at) => {
    if (value === week[(at - 1 + WEEK_MINUTES) % WEEK_MINUTES]) return;
    const key = `${clockOf(at)} ${String(value)}`;
    const same = found.get(key) ?? { at: at % DAY_MINUTES, value, days: [] };
    same.days.push(DAYS[Math.floor(at / DAY_MINUTES)] ?? '');
    found.set(key, same);
  });
  return [...found.values()].map(({ at, value, days }) => ({
    recurrence: `${at % 60} ${Math.floor(at / 60)} * * ${days.join(',')}`,
    clock: clockOf(at).replace(':', ''),
    value,
  }));
}
