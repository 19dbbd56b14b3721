import { writeFileSync } from 'node:fs';
import { preview } from '../operations/preview.js';
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
    const rows = result.changes.map(({ action, type, logicalId, properties }) => [
      mark[action],
      action,
      type.replace('AWS::', ''),
      logicalId,
      properties.join(', '),
    ]);
    const text = rows.length
      ? `${output.table(['', 'change', 'resource', 'name in the template', 'because of'], rows)}\n${rows.length} changes${result.compared ? '' : ' to an empty account'}.`
      : 'Nothing would change.';
    output.answer({ compared: result.compared, changes: result.changes }, text);
    return 0;
  },
};
