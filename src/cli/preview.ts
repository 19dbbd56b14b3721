import { writeFileSync } from 'node:fs';
import type { RestCost } from '../operations/cost.js';
import { preview } from '../operations/preview.js';
import { atLeast, dollars } from './output/money.js';
import { releaseLine } from './output/release.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('preview', 'Shows what "up" would change. Changes nothing.')
    .option('--offline', 'do not compare with AWS; needs neither credentials nor network', false)
    .option('--template <file>', 'write the CloudFormation template to this file')
    .option('--picture <file>', 'write a diagram of the architecture to this file, as SVG'),
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
      ? `${output.table(['', 'change', 'type', 'resource', 'changed properties'], rows)}\n${rows.length} changes${result.compared ? '' : ' to an empty account'}.`
      : result.image
        ? ''
        : 'Nothing would change.';
    const { compared, changes, image, release, cost, records } = result;
    const machines = image
      ? `Debian's image has changed from ${image.deployed} to ${image.wanted}: machines that start after the next "up" use the new one; running machines are not replaced.`
      : '';
    const byHand = records.length
      ? `\nDNS records that you have to add, when "up" asks for them:\n${output.table(
          ['name', 'type', 'value', ''],
          records.map(({ name, type, value, purpose }) => [name, type, value ?? 'not known yet', purpose]),
        )}`
      : '';
    output.result(
      { compared, changes, ...(image && { image }), ...(release && { release }), cost, records },
      `${[text, release ? releaseLine(release) : '', machines, costLine(cost)].filter(Boolean).join('\n')}${byHand}`,
    );
    return 0;
  },
};

/** The cost at rest, and the difference to the deployed state. */
function costLine({ wanted, deployed, difference, prices }: RestCost): string {
  const sign = difference !== undefined && difference < 0 ? '−' : '+';
  const change = !deployed
    ? ''
    : difference === undefined
      ? ', the difference to the deployed state is unknown'
      : `, ${sign}${dollars(Math.abs(difference))} compared with the deployed state`;
  const priceSource = prices.from === 'snapshot' ? ', by the price snapshot that ships with convoke' : '';
  return `Cost at rest: ${atLeast(wanted)} a month${change}${priceSource}. "convoke cost" lists the items.`;
}
