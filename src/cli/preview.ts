import { writeFileSync } from 'node:fs';
import type { RestCost } from '../operations/cost.js';
import { preview } from '../operations/preview.js';
import { atLeast, dollars } from './output/money.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('preview', 'Shows what "up" would change. Changes nothing.')
    .option('--offline', 'compare with nothing; needs neither credentials nor network', false)
    .option('--template <file>', 'write the CloudFormation template there')
    .option('--picture <file>', 'draw the architecture there, as SVG'),
  async run({ deployment: load, inAccount, output }, flags) {
    const { deployment, account } = flags.offline
      ? { deployment: load(), account: undefined }
      : await inAccount();
    const result = await preview(deployment, account);
    if (typeof flags.template === 'string')
      writeFileSync(flags.template, `${JSON.stringify(result.template, null, 1)}\n`);
    if (typeof flags.picture === 'string') writeFileSync(flags.picture, result.picture);

    const { paint } = output;
    const mark = {
      create: paint.green('+'),
      update: paint.yellow('~'),
      'may replace': paint.yellow('±'),
      replace: paint.red('±'),
      delete: paint.red('-'),
    };
    const rows = result.changes.map(({ action, type, name, properties }) => [
      mark[action],
      action,
      type.replace('AWS::', ''),
      name,
      properties.join(', '),
    ]);
    const text = rows.length
      ? `${output.table(['', 'change', 'resource', 'what it is', 'because of'], rows)}\n${rows.length} changes${result.compared ? '' : ' to an empty account'}.`
      : 'Nothing would change.';
    const { compared, changes, cost, records } = result;
    const byHand = records.length
      ? `\nRecords that you have to add; "up" says when, and what is not known yet:\n${output.table(
          ['name', 'type', 'value', ''],
          records.map(({ name, type, value, purpose }) => [name, type, value ?? 'not known yet', purpose]),
        )}`
      : '';
    output.answer({ compared, changes, cost, records }, `${text}\n${costLine(cost)}${byHand}`);
    return 0;
  },
};

/** What it costs at rest, and what that is more or less than now. */
function costLine({ wanted, deployed, difference, prices }: RestCost): string {
  const sign = difference !== undefined && difference < 0 ? '−' : '+';
  const against = !deployed
    ? ''
    : difference === undefined
      ? ', unknown against what is deployed'
      : `, ${sign}${dollars(Math.abs(difference))} against what is deployed`;
  const whence = prices.from === 'snapshot' ? ', by the prices that convoke brings along' : '';
  return `At rest it costs ${atLeast(wanted)} a month${against}${whence}. "convoke cost" has the items.`;
}
