import { DAYS, minute, weekdays } from '../config/week.js';

/** Hours on some days of the week in which at least `min` bridges run. */
export interface BusyHours {
  /** Days as cron has them: `MON-FRI`, `SAT,SUN`. */
  readonly days: string;
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, later than `from`. */
  readonly until: string;
  readonly min: number;
}

const WEEKS_A_MONTH = 730 / (7 * 24);

/** Bridge-hours a month that a schedule orders beyond `min`. Where entries overlap, the larger one holds. */
export function scheduledBridgeHours(schedule: readonly BusyHours[], min: number): number {
  let minutes = 0;
  for (const day of DAYS) {
    const today = schedule.filter(({ days }) => weekdays(days).includes(day));
    const edges = [...new Set(today.flatMap(({ from, until }) => [minute(from), minute(until)]))].sort(
      (a, b) => a - b,
    );
    edges.forEach((start, index) => {
      const end = edges[index + 1] ?? start;
      const wanted = today
        .filter(({ from, until }) => minute(from) <= start && minute(until) >= end)
        .map((time) => time.min);
      minutes += (end - start) * Math.max(0, ...wanted.map((bridges) => bridges - min));
    });
  }
  return (minutes / 60) * WEEKS_A_MONTH;
}
