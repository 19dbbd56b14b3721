import type { Termination } from '../../cloud/activities.js';
import type { AlarmChange } from '../../cloud/alarm-history.js';
import type { Series } from '../../cloud/metric-history.js';
import { type Hours, isOpen } from '../../config/hours.js';
import type { Alarm } from '../../contract/alerts.js';

/** What services say about a period of time. */
export interface History {
  readonly from: Date;
  readonly to: Date;
  /** Seconds that each value of a series covers. */
  readonly seconds: number;
  /** By shard: averages and maxima of each period. */
  readonly people: readonly Series[];
  readonly mostPeople: readonly Series[];
  readonly meetings: readonly Series[];
  readonly mostMeetings: readonly Series[];
  /** Average number of bridges in service. */
  readonly bridges: Series;
  /** By group: bytes that machines sent. */
  readonly sent: readonly Series[];
  readonly alarms: readonly { readonly alarm: Alarm; readonly changes: readonly AlarmChange[] }[];
  /** When the deployment is open. Undefined: always. */
  readonly hours?: Hours | undefined;
  /** Machines that were replaced because they had failed. */
  readonly failed: readonly Termination[];
}

/** Figures of one day in UTC, or of the whole time. */
export interface Figures {
  /** Hours that people spent in meetings, added up. */
  readonly personHours: number;
  /** Hours of meetings, added up. CloudWatch has the number of meetings at a time, not which ones. */
  readonly meetingHours: number;
  /** Most people and meetings at a time. */
  readonly mostPeople: number;
  readonly mostMeetings: number;
  readonly bridgeHours: number;
  /** Gigabytes that machines sent, to participants and to each other. */
  readonly sentGb: number;
  /** Machines that failed. */
  readonly failedMachines: number;
  /** Minutes in which an incident that participants notice went on. */
  readonly noticedMinutes: number;
}

export interface Incident {
  readonly alarm: Alarm;
  readonly from: Date;
  /** Unset: it goes on. */
  readonly to?: Date;
  readonly minutes: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const GB = 1e9;

/**
 * Incidents in order of time. One that began earlier counts from the beginning. As for mail, an alarm that was just
 * created, or whose data are missing, is no incident and ends none. That no shard serves is none while the deployment is
 * closed.
 */
export function incidentsIn({
  alarms,
  from,
  to,
  hours,
}: Pick<History, 'alarms' | 'from' | 'to' | 'hours'>): Incident[] {
  const found: Incident[] = [];
  for (const { alarm, changes } of alarms) {
    let since = changes[0]?.from === 'ALARM' ? from : undefined;
    for (const change of changes) {
      if (change.to === 'ALARM' && change.from !== 'INSUFFICIENT_DATA') since ??= change.at;
      else if (change.to === 'OK' && since) {
        found.push({ alarm, from: since, to: change.at, minutes: minutesBetween(since, change.at) });
        since = undefined;
      }
    }
    if (since) found.push({ alarm, from: since, minutes: minutesBetween(since, to) });
  }
  const isPlanned = (one: Incident) => one.alarm === 'no-shard' && hours && !isOpen(hours, one.from);
  return found.filter((one) => !isPlanned(one)).sort((a, b) => a.from.getTime() - b.from.getTime());
}

const minutesBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / MINUTE;

/** The figures of a part of the history: from `from`, before `to`. */
export function figures(history: History, from = history.from, to = history.to): Figures {
  const hours = history.seconds / 3600;
  const times = [...new Set(history.people.flatMap((series) => [...series.keys()]))];
  const within = (at: number) => at >= from.getTime() && at < to.getTime();
  const total = (all: readonly Series[]) =>
    all.reduce(
      (sum, series) => sum + [...series].reduce((part, [at, value]) => part + (within(at) ? value : 0), 0),
      0,
    );
  /** A shard without a value at that time publishes nothing, because it does not run. */
  const most = (all: readonly Series[]) =>
    times.filter(within).reduce(
      (peak, at) =>
        Math.max(
          peak,
          all.reduce((sum, series) => sum + (series.get(at) ?? 0), 0),
        ),
      0,
    );
  return {
    personHours: rounded(total(history.people) * hours),
    meetingHours: rounded(total(history.meetings) * hours),
    mostPeople: most(history.mostPeople),
    mostMeetings: most(history.mostMeetings),
    bridgeHours: rounded(total([history.bridges]) * hours),
    sentGb: rounded(total(history.sent) / GB),
    failedMachines: history.failed.filter(({ at }) => within(at.getTime())).length,
    noticedMinutes: rounded(minutesCovered(incidentsIn(history).filter(isNoticed), from, to)),
  };
}

/** Alarms that tell of something before participants notice it. */
const UNNOTICED: readonly Alarm[] = ['disk', 'memory', 'updates'];
const isNoticed = ({ alarm }: Incident): boolean => !UNNOTICED.includes(alarm);

/** Minutes that at least one incident covers. */
function minutesCovered(incidents: readonly Incident[], from: Date, to: Date): number {
  let covered = 0;
  let until = from.getTime();
  for (const incident of incidents) {
    const start = Math.max(until, incident.from.getTime());
    const end = Math.min(to.getTime(), incident.to?.getTime() ?? Number.POSITIVE_INFINITY);
    if (end <= start) continue;
    covered += end - start;
    until = end;
  }
  return covered / MINUTE;
}

/** Each day in UTC of the history with its figures; the first and the last may be incomplete. */
export function days(history: History): (Figures & { readonly day: string })[] {
  const first = Math.floor(history.from.getTime() / DAY) * DAY;
  const count = Math.max(0, Math.ceil((history.to.getTime() - first) / DAY));
  return Array.from({ length: count }, (_, index) => {
    const start = new Date(Math.max(history.from.getTime(), first + index * DAY));
    const end = new Date(Math.min(history.to.getTime(), first + (index + 1) * DAY));
    return {
      day: new Date(first + index * DAY).toISOString().slice(0, 10),
      ...figures(history, start, end),
    };
  });
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
