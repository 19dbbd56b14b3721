import { type Hours, neverCloses } from './hours.js';
import type { Remark } from './remark.js';
import type { ConvokeFile } from './schema.js';

/** Applies the defaults of `hours`. */
export const hours = ({ open, timezone = 'UTC' }: NonNullable<ConvokeFile['hours']>): Hours => ({
  open: open.map((time) => ({ ...time, days: time.days.toUpperCase() })),
  timezone,
});

/** Finds times that are valid alone but not together. */
export function hoursContradictions(file: Pick<ConvokeFile, 'hours' | 'bridges'>): Remark[] {
  if (!file.hours) return [];
  const backwards = file.hours.open.flatMap(({ from, until }, index) =>
    from < until
      ? []
      : [
          {
            keys: ['hours', 'open', String(index), 'until'],
            message: `hours.open ends at ${until}, which is not after its start at ${from}; use two entries for a time over midnight.`,
          },
        ],
  );
  if (backwards.length > 0) return backwards;
  const { timezone = 'UTC', schedule = [] } = file.bridges ?? {};
  const opened = hours(file.hours);
  if (schedule.length > 0 && timezone !== opened.timezone)
    return [
      {
        keys: ['hours', file.hours.timezone === undefined ? 'open' : 'timezone'],
        message: `hours are in ${opened.timezone}, but bridges.schedule is in ${timezone}; set both time zones to the same.`,
      },
    ];
  if (!neverCloses(opened)) return [];
  return [
    {
      keys: ['hours'],
      message:
        'hours leave less than a quarter of an hour in which the deployment is closed, and machines start that much earlier; remove hours.',
    },
  ];
}
