import { InvalidArgumentError, Option } from 'commander';
import { alarmInWords } from '../alerts/english.js';
import { explain } from '../operations/error-mapper.js';
import { type NewerRelease, newerRelease } from '../operations/release/releases.js';
import { groupLabel } from '../operations/roll/roll.js';
import { type RollStatus, type Status, status } from '../operations/status.js';
import type { Output } from './output/output.js';
import { minute } from './output/report-words.js';
import { screen } from './output/screen.js';
import { everySoOften, LATELY_MS, type Lately, lately, latelyLines } from './output/so-far.js';
import { STATES } from './output/states.js';
import { type Verb, verbCommand } from './verb.js';

const REFRESH_MS = 2_000;

export const verb: Verb = {
  command: verbCommand('status', 'Shows machines, health, meetings and participants.')
    .option('-w, --watch', 'refresh every two seconds, until Ctrl-C', false)
    .option('--web', 'show it on a page in the browser, on this machine only, until Ctrl-C', false)
    .addOption(new Option('--port <port>', 'port of the page; default: a free one').argParser(portNumber)),
  async run({ inAccount, output, signal }, flags) {
    const { deployment, account } = await inAccount();
    if (flags.web) {
      const { web } = await import('./web/web.js');
      const onUrl = (url: string) =>
        output.result({ url }, `Open ${url}\nThe page follows the deployment until Ctrl-C.`);
      await web(account, deployment, { port: Number(flags.port ?? 0), signal, onUrl });
      return 0;
    }
    // Once, because the package repository is another server, and has a new release once in weeks.
    const newer = await newerRelease(account, deployment);
    const readLately = everySoOften(LATELY_MS, () => lately(account, deployment));
    const read = async () => {
      const [now, past] = await Promise.all([status(account, deployment), readLately()]);
      return { now, past, text: draw(now, { newer, past }, deployment.name, output) };
    };
    let last = await read();
    const onTerminal = flags.watch && process.stdout.isTTY && !output.json;
    if (onTerminal) process.stdout.write('\x1b[2J');
    for (let trouble = ''; ; ) {
      const text = [last.text, ...(trouble ? ['', output.paint.yellow(trouble)] : [])].join('\n');
      if (onTerminal) process.stdout.write(screen(text, process.stdout.rows));
      else output.result({ ...last.now, ...newer, ...last.past }, text);
      if (!flags.watch) return last.now.state === 'serving' || last.now.state === 'closed' ? 0 : 1;
      try {
        await account.clock.wait(REFRESH_MS, signal);
      } catch {
        return 0;
      }
      try {
        last = await read();
        trouble = '';
      } catch (error) {
        trouble ||= `Not refreshed since ${time(account.clock.now())}: ${explain(error).message}`;
      }
    }
  },
};

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('Expected a port, from 1 to 65535.');
  return port;
}

function draw(
  now: Status,
  { newer, past }: { readonly newer: NewerRelease; readonly past: Lately },
  deployment: string,
  output: Output,
): string {
  const { paint } = output;
  const colour = now.state === 'serving' ? paint.green : now.state === 'down' ? paint.red : paint.yellow;
  const lines = [`${paint.bold(now.url)}  ${colour(STATES[now.state])}`];
  if (now.state === 'absent') return lines[0] ?? '';
  if (now.opens)
    lines.push(`It opens on ${now.opens}. "convoke up" opens it now, until the next closing time.`);
  const { people, meetings, stress, highestStress, bridges, shards } = now.metrics;
  if (now.missing.length > 0) lines.push(paint.yellow(`missing: ${now.missing.join(', ')}`));
  for (const { machine, why } of now.failures)
    lines.push(paint.yellow(`The ${machine} could not be provisioned: ${why}`));
  lines.push(
    `people ${metric(people)}   meetings ${metric(meetings)}   bridges ${metric(bridges)}   stress ${metric(stress, 2)} on average, ${metric(highestStress, 2)} at most   mail ${now.mail}`,
  );
  lines.push(
    ...now.alarms.map(({ alarm, since }) =>
      paint.yellow(`alarm since ${minute(since)} UTC: ${alarmInWords(alarm)}`),
    ),
  );
  lines.push(...now.mailFailures.map((why) => paint.yellow(why)));
  lines.push(...releaseLines(now, newer, output));
  if (now.roll) lines.push(paint.yellow(rollLine(now.roll, deployment)));
  if (shards.length > 1) {
    const rows = shards.map((one) => [
      one.shard,
      metric(one.people),
      metric(one.meetings),
      metric(one.bridges),
    ]);
    lines.push('', output.table(['shard', 'people', 'meetings', 'available bridges'], rows));
  }
  lines.push(
    '',
    output.table(
      ['machine', 'role', 'zone', 'type', 'release', 'address', 'EC2', 'ASG', 'ALB', 'updates', 'since'],
      now.machines.map((m) => [
        m.id,
        [m.role, m.shard].filter(Boolean).join(' '),
        m.zone,
        m.type,
        m.release || '–',
        m.publicIp || '–',
        m.state,
        m.lifecycle || '–',
        m.target || '–',
        pendingUpdates(m, now.metrics),
        time(m.launched),
      ]),
    ),
  );
  lines.push('', ...latelyLines(past, deployment, output));
  if (now.activities.length) {
    const rows = now.activities
      .slice(0, 5)
      .map((a) => [time(a.at), a.status, a.description, reason(a.cause)]);
    lines.push('', output.table(['when', '', 'Auto Scaling activity', 'cause'], rows));
  }
  return lines.join('\n');
}

function rollLine({ state, why, done, open }: RollStatus, deployment: string): string {
  if (state === 'undone') return `the last replacement of machines was undone: ${why}`;
  const left =
    open.length > 0 ? `, next: ${open.map((group) => groupLabel(deployment, group)).join(', ')}` : '';
  return `machines are being replaced: ${done.length} of ${done.length + open.length} groups done${left}. If no command is running, "convoke up" continues.`;
}

/** The release, what is newer, the age of the oldest image, and machines that differ. */
function releaseLines(
  { release, differences, images }: Status,
  newer: NewerRelease,
  { paint }: Output,
): string[] {
  const [oldest] = images;
  const days = oldest && Math.floor((Date.now() - oldest.created.getTime()) / 86_400_000);
  const facts = [
    release && `release ${release.name}`,
    newer.newer &&
      paint.yellow(
        newer.newer.name === release?.name
          ? 'the package source has other packages of this release'
          : `newer release ${newer.newer.name} available`,
      ),
    newer.unknown && paint.yellow(`newer releases unknown: ${newer.unknown}`),
    days !== undefined && `oldest image ${days} day${days === 1 ? '' : 's'} old`,
  ].filter((fact) => typeof fact === 'string');
  return [...(facts.length > 0 ? [facts.join('   ')] : []), ...differences.map((one) => paint.yellow(one))];
}

/** Pending security updates of a machine. Bridges share one metric, so its maximum is shown for each of them. */
function pendingUpdates(
  { role, shard }: Status['machines'][number],
  { shards, bridgeUpdates }: Status['metrics'],
): string {
  if (role === 'recorder') return metric(undefined);
  if (role === 'shard') return metric(shards.find((one) => one.shard === shard)?.updates);
  return bridgeUpdates ? `up to ${bridgeUpdates}` : metric(bridgeUpdates);
}

const metric = (value: number | undefined, digits = 0) => (value === undefined ? '–' : value.toFixed(digits));

const time = (date: Date) => date.toISOString().slice(11, 19);

/** Auto Scaling's cause is a paragraph of timestamped sentences; the last one has the reason. */
const reason = (cause: string) =>
  cause
    .split(/At \d{4}-\d\d-\d\dT[\d:.]+Z /)
    .at(-1)
    ?.trim() ?? '';
