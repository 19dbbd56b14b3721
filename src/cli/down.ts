import { select } from '@inquirer/prompts';
import { Option } from 'commander';
import { stringify } from 'yaml';
import type { Deployment } from '../config/deployment.js';
import { parseDeployment } from '../config/load.js';
import { ConvokeError } from '../contract/errors.js';
import { type DownResult, down } from '../operations/down/down.js';
import { say } from '../operations/down/occupancy.js';
import type { Output } from './output/output.js';
import { drawRecords } from './output/records.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('down', 'Deletes everything that "up" made, and looks whether anything is left.')
    .addOption(
      new Option('--now', 'end the meetings that are going on').default(false).conflicts('whenEmpty'),
    )
    .option('--when-empty', 'wait until nobody is in a meeting', false)
    .option('--domain <name>', 'what to delete, where the file is lost: its domain …')
    .option('--region <region>', '… its region …')
    .option('--name <name>', '… and its name, if the file gave it one'),
  async run({ inAccount, options, output, onProgress, signal }, flags) {
    const rehearsal = options.cloud === 'rehearsal' ? await import('../rehearsal/account.js') : undefined;
    if (rehearsal && !rehearsal.isRunning()) {
      await rehearsal.endRehearsal();
      output.answer(
        { existed: false, swept: [], leftovers: [], records: [] },
        'No rehearsal is running on this machine.\nNothing left.',
      );
      return 0;
    }
    const { deployment, account } = await inAccount(undefined, withoutFile(flags));
    const when = flags.now ? 'now' : flags.whenEmpty ? 'empty' : undefined;
    const result = await down({
      account,
      deployment,
      onProgress,
      signal,
      ...(when && { when }),
      ...(process.stdin.isTTY && { ask: (said) => ask(said, deployment.domain, signal) }),
    });
    await rehearsal?.endRehearsal();
    output.answer(result, draw(result, deployment, output));
    return 0;
  },
};

/** The deployment that flags name; undefined where it is the file's. */
function withoutFile({ domain, region, name }: Record<string, unknown>): Deployment | undefined {
  if (!domain && !region && !name) return undefined;
  if (!domain || !region) {
    throw new ConvokeError('NotNamed', {
      what: 'Without the file, both domain and region are needed.',
      now: 'Give them with --domain and --region, and --name if the file had a name in it.',
      fault: 'person',
    });
  }
  // Whoever is told when something breaks does not matter any more.
  const file = { domain, region, ...(name ? { name } : {}), alerts: 'nobody@example.org' };
  return parseDeployment(stringify(file), 'the command line');
}

function ask(said: string, domain: string, signal: AbortSignal): Promise<'now' | 'empty' | 'keep'> {
  process.stderr.write(`${said}\n`);
  return select(
    {
      message: `Delete ${domain}?`,
      choices: [
        { name: 'when nobody is in a meeting', value: 'empty' },
        { name: 'now: meetings end', value: 'now' },
        { name: 'no', value: 'keep' },
      ],
    },
    { signal, output: process.stderr },
  );
}

function draw(result: DownResult, { name, domain }: Deployment, output: Output): string {
  const rows = result.swept.map(({ kind, removed }) => [
    output.paint.green('✓'),
    kind,
    removed.length ? `removed now: ${removed.join(', ')}` : 'none',
  ]);
  const kept = result.swept.flatMap((swept) => swept.kept ?? []);
  return [
    result.existed ? '' : `There was no ${name}.`,
    result.existed && result.meetings ? say(result.meetings, domain) : '',
    output.table(['', 'looked for', 'found'], rows),
    'Nothing left.',
    ...kept.map(({ id, reason }) => `Left on purpose: ${id}: ${reason}.`),
    result.deployer
      ? `The deployer (${result.deployer}) stays: it is yours, costs nothing, and goes with "convoke policy --remove".`
      : '',
    result.records.length
      ? `\nRemove this by hand where the zone of ${domain} is kept; it costs nothing and leads nowhere now:\n\n${drawRecords(result.records, output)}`
      : '',
  ]
    .filter(Boolean)
    .join('\n');
}
