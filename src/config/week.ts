/** Days and times of a week, as settings have them. */

/** Days of the week as cron has them, Monday first. */
export const DAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

/** The days that a list such as `MON-WED,SAT` names; a range may go over the end of the week. */
export function weekdays(days: string): string[] {
  return days.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    return DAYS.filter((_, index) =>
      from <= to ? index >= from && index <= to : index >= from || index <= to,
    );
  });
}

/** Minutes since midnight of `HH:MM`. */
export function minute(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

export const DAY_MINUTES = 24 * 60;
export const WEEK_MINUTES = 7 * DAY_MINUTES;

/** `HH:MM` of a minute since Monday 00:00. */
export const clockOf = (at: number): string =>
  [Math.floor((at % DAY_MINUTES) / 60), at % 60].map((part) => String(part).padStart(2, '0')).join(':');
