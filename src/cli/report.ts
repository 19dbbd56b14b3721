import { writeFileSync } from 'node:fs';
import { alarmInWords } from '../alerts/english.js';
import { timeOf } from '../operations/logs.js';
import type { Figures } from '../operations/report/figures.js';
import { type Report, report } from '../operations/report/report.js';
import { atLeast, dollars } from './output/money.js';
import type { Output } from './output/output.js';
import { page } from './output/report-page.js';
import { COLUMNS, lasted, minute, NOTES, number } from './output/report-words.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('report', 'Reports meetings, incidents and cost of a time. Changes nothing.')
    .option('--from <time>', 'beginning: 30d, 12h, or 2026-11-01', '30d')
    .option('--to <time>', 'end: 1d, or 2026-12-01', '0s')
    .option('--csv', 'print one line for each day as CSV', false)
    .option('--html <file>', 'write the report to this file, as a page'),
  async run({ inAccount, output }, flags) {
    // Wrong times are reported before AWS is asked.
    for (const time of [flags.from, flags.to]) timeOf(String(time), new Date());
    const { deployment, account } = await inAccount();
    const now = account.clock.now();
    const found = await report(account, deployment, {
      from: timeOf(String(flags.from), now),
      to: timeOf(String(flags.to), now),
    });
    if (typeof flags.html === 'string') writeFileSync(flags.html, page(found));
    output.result(found, flags.csv === true ? csv(found) : draw(found, output));
    return 0;
  },
};

function draw(found: Report, output: Output): string {
  const { paint } = output;
  const { total, incidents, failed, money } = found;
  const row = (figures: Figures) => COLUMNS.map(([, key]) => number(figures[key]));
  const table = output.table(
    ['day, UTC', ...COLUMNS.map(([name]) => name)],
    [
      ...found.days.map((day) => [day.day, ...row(day)]),
      [paint.bold('all'), ...row(total).map((text) => paint.bold(text))],
    ],
  );
  return [
    `${paint.bold(found.domain)}  ${minute(found.from)} to ${minute(found.to)} UTC`,
    table,
    '',
    incidents.length === 0
      ? 'No alarm was raised.'
      : output.table(
          ['from, UTC', 'to', 'lasted', 'incident'],
          incidents.map(({ alarm, from, to, minutes }) => [
            minute(from),
            to ? minute(to) : 'goes on',
            lasted(minutes),
            alarmInWords(alarm),
          ]),
        ),
    failed.length > 0 &&
      output.table(
        ['when, UTC', 'failed machine', 'group'],
        failed.map(({ at, machine, group }) => [minute(at), machine, group]),
      ),
    '',
    output.table(
      ['cost, USD without tax', ''],
      [
        ...money.items.map(({ name, usd }) => [name, usd === undefined ? 'unknown' : dollars(usd)]),
        [paint.bold('all'), paint.bold(atLeast(money))],
      ],
    ),
    ...NOTES,
    ...found.gaps.map((gap) => paint.yellow(gap)),
  ]
    .filter((line) => line !== false)
    .join('\n');
}

/** A line for each day, with the names of the JSON output. */
export function csv({ days }: Pick<Report, 'days'>): string {
  const keys = COLUMNS.map(([, key]) => key);
  return [
    ['day', ...keys].join(','),
    ...days.map((day) => [day.day, ...keys.map((key) => day[key])].join(',')),
  ].join('\n');
}
