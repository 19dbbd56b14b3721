import { select } from '@inquirer/prompts';
import { Option } from 'commander';
import { stringify } from 'yaml';
import type { Deployment } from '../config/deployment.js';
import { parseDeployment } from '../config/load.js';
import { ConvokeError } from '../contract/errors.js';
import { type DownResult, down } from '../operations/down/down.js';
import { describeOccupancy } from '../operations/down/occupancy.js';
import type { Output } from './output/output.js';
import { drawRecords } from './output/tables.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('down', 'Deletes everything that "up" created, and checks that nothing is left.')
    .addOption(new Option('--now', 'do not wait for meetings to end').default(false).conflicts('whenEmpty'))
    .option('--when-empty', 'wait until all meetings have ended', false)
    .addOption(
      new Option('--recordings <what>', 'what happens to recordings and their bucket')
        .choices(['keep', 'delete'])
        .default('keep'),
    )
    .option('--domain <name>', 'if the file is lost: the domain of the deployment to delete …')
    .option('--region <region>', '… its region …')
    .option('--name <name>', '… and its name, if the file gave it one'),
  async run({ inAccount, options, output, onProgress, signal }, flags) {
    const rehearsal = options.cloud === 'rehearsal' ? await import('../rehearsal/account.js') : undefined;
    if (rehearsal && !rehearsal.isRunning()) {
      const wasStarting = await rehearsal.endRehearsal();
      output.result(
        { existed: false, swept: [], leftovers: [], records: [] },
        `${wasStarting ? 'The rehearsal had not started completely. What it had created was removed.' : 'No rehearsal is running on this machine.'}\nNothing left.`,
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
      recordings: flags.recordings === 'delete' ? 'delete' : 'keep',
      ...(when && { when }),
      ...(process.stdin.isTTY && { ask: (question) => ask(question, deployment.domain, signal) }),
    });
    const others = (await rehearsal?.deploymentsIn(account)) ?? [];
    if (others.length === 0) await rehearsal?.endRehearsal();
    output.result(result, draw(result, deployment, output));
    if (others.length > 0)
      output.note(
        `The rehearsal goes on, because it also has ${others.join(', ')}. To end it, run "down" with the file of each, or with --domain, --region and --name.`,
      );
    return 0;
  },
};

/** The deployment given by flags; undefined if they are absent and the file is used. */
function withoutFile({ domain, region, name }: Record<string, unknown>): Deployment | undefined {
  if (!domain && !region && !name) return undefined;
  if (!domain || !region) {
    throw new ConvokeError('NameNotConfirmed', {
      what: 'Without the file, both domain and region are needed.',
      now: 'Give them with --domain and --region, and --name if the file had a name.',
      fault: 'user',
    });
  }
  // Required by the schema, but not used for deleting.
  const file = { domain, region, ...(name ? { name } : {}), alerts: 'nobody@example.org' };
  try {
    return parseDeployment(stringify(file), 'the command line');
  } catch (cause) {
    throw new ConvokeError('OptionsInvalid', {
      what: 'The options do not describe a deployment.',
      why: cause instanceof ConvokeError ? cause.why : String(cause),
      now: 'Correct --domain, --region or --name, and run the same command again. Nothing was changed.',
      fault: 'user',
      cause,
    });
  }
}

function ask(question: string, domain: string, signal: AbortSignal): Promise<'now' | 'empty' | 'keep'> {
  process.stderr.write(`${question}\n`);
  return select(
    {
      message: `Delete ${domain}?`,
      choices: [
        { name: 'when all meetings have ended', value: 'empty' },
        { name: 'now: ongoing meetings are cut off', value: 'now' },
        { name: 'no', value: 'keep' },
      ],
    },
    { signal, output: process.stderr },
  );
}

function describeRecordings({ stored }: NonNullable<DownResult['recordings']>): string {
  if (!stored) return 'its recordings';
  const { count, bytes } = stored;
  if (count === 0) return 'no recordings';
  return `${count === 1 ? 'a recording' : `${count} recordings`} of ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function draw(result: DownResult, { name, domain }: Deployment, output: Output): string {
  const rows = result.swept.map(({ kind, removed }) => [
    output.paint.green('✓'),
    kind,
    removed.length ? `removed now: ${removed.join(', ')}` : 'none',
  ]);
  const kept = result.swept.flatMap((swept) => swept.kept ?? []);
  return [
    result.existed ? '' : `No deployment named ${name} exists.`,
    result.existed && result.meetings ? describeOccupancy(result.meetings, domain) : '',
    output.table(['', 'checked', 'result'], rows),
    result.recordings ? 'Nothing left but the recordings.' : 'Nothing left.',
    ...kept.map(({ id, reason }) => `Kept intentionally: ${id}: ${reason}.`),
    result.recordings
      ? `The bucket ${result.recordings.bucket} was kept, with ${describeRecordings(result.recordings)}. A later "convoke up" finds it; "convoke down --recordings delete" deletes it.`
      : '',
    result.deployer
      ? `The deployer (${result.deployer}) was kept; it costs nothing. Delete it with "convoke policy --remove".`
      : '',
    result.records.length
      ? `\nRemove these records at the DNS provider of ${domain}; they point to nothing now:\n\n${drawRecords(result.records, output)}`
      : '',
  ]
    .filter(Boolean)
    .join('\n');
}
