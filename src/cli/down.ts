import { down } from '../operations/down.js';
import { drawRecords } from './output/records.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('down', 'Deletes everything that "up" made, and looks whether anything is left.'),
  async run({ inAccount, options, output, onProgress, signal }) {
    const rehearsal = options.cloud === 'rehearsal' ? await import('../rehearsal/account.js') : undefined;
    if (rehearsal && !rehearsal.isRunning()) {
      await rehearsal.endRehearsal();
      output.answer(
        { existed: false, swept: [], leftovers: [], records: [] },
        'No rehearsal is running on this machine.\nNothing left.',
      );
      return 0;
    }
    const { deployment, account } = await inAccount();
    const result = await down({ account, deployment, onProgress, signal });
    await rehearsal?.endRehearsal();
    const rows = result.swept.map(({ kind, removed }) => [
      output.paint.green('✓'),
      kind,
      removed.length ? `removed now: ${removed.join(', ')}` : 'none',
    ]);
    const byHand = result.records.length
      ? `\n\nRemove this by hand where the zone of ${deployment.domain} is kept; it costs nothing and leads nowhere now:\n\n${drawRecords(result.records, output)}`
      : '';
    output.answer(
      result,
      `${result.existed ? '' : `There was no ${deployment.name}.\n`}${output.table(['', 'looked for', 'found'], rows)}\nNothing left.${result.deployer ? `\nThe deployer (${result.deployer}) stays: it is yours, costs nothing, and goes with "convoke policy --remove".` : ''}${byHand}`,
    );
    return 0;
  },
};
