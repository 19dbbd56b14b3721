import { confirm } from '@inquirer/prompts';
import { Argument, Option } from 'commander';
import { ConvokeError } from '../contract/errors.js';
import { describeOccupancy } from '../operations/down/occupancy.js';
import {
  type DrillForecast,
  type DrillResult,
  drill,
  forecast,
  powerCut,
  processKill,
} from '../operations/drill/drill.js';
import { type Measurement, withUnit } from '../operations/drill/measurements.js';
import { DRILLS, type DrillName } from '../operations/drill/selection.js';
import { type Output, seconds } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

const WHAT: Readonly<Record<DrillName, string>> = {
  shard: 'A shard’s machine loses power. Its rooms move to another shard, and Auto Scaling replaces it.',
  bridge: 'A bridge with an ongoing call loses power. Auto Scaling replaces it.',
  zone: 'All machines in one availability zone lose power at once. Auto Scaling replaces them in the other zone.',
  drain: 'A bridge with an ongoing call is drained, terminated and replaced.',
};

const KILLED = 'Prosody on a shard, or Videobridge on a bridge, is killed, and systemd restarts it.';

export const verb: Verb = {
  command: verbCommand('drill', 'Injects a fault, and measures what participants notice.')
    .addArgument(new Argument('<what>', 'what to break').choices(DRILLS))
    .addOption(
      new Option(
        '--fault <fault>',
        'power-loss (the host fails and is replaced) or process-crash (Prosody or Videobridge crashes and is restarted; only in a rehearsal)',
      )
        .choices(['power-loss', 'process-crash'])
        .default('power-loss'),
    )
    .option('--yes', 'do not ask for confirmation', false),
  async run({ inAccount, options, output, onProgress, signal }, flags, [what = '']) {
    const name = what as DrillName;
    const { deployment, account } = await inAccount();
    const fault = flags.fault === 'process-crash' ? processKill(account) : powerCut(account);
    const common = { account, deployment, onProgress, signal, drill: name };
    const ahead = await forecast(common);
    if (!flags.yes && (ahead.warning || options.cloud === 'aws')) {
      const crash = flags.fault === 'process-crash';
      const agreed = await ask(crash ? KILLED : WHAT[name], deployment.domain, ahead, signal);
      if (!agreed) {
        output.result({ drill: name, ok: undefined }, 'Nothing was broken.');
        return 0;
      }
    }
    const result = await drill({ ...common, fault });
    output.result({ drill: name, ...result }, draw(name, result, output));
    return result.ok ? 0 : 1;
  },
};

async function ask(
  what: string,
  domain: string,
  ahead: DrillForecast,
  signal: AbortSignal,
): Promise<boolean> {
  const { warning, people, meetings } = ahead;
  const busy =
    people === undefined
      ? 'The current number of participants is unknown.'
      : describeOccupancy({ people, meetings: meetings ?? 0, silent: [] }, domain);
  const explanation = [what, warning, busy].filter(Boolean).join(' ');
  if (!process.stdin.isTTY) {
    throw new ConvokeError('NotConfirmed', {
      what: `The drill on ${domain} was not confirmed, because there is no terminal to ask on.`,
      why: explanation,
      now: 'Confirm with --yes.',
      fault: 'user',
    });
  }
  process.stderr.write(`${explanation}\n`);
  return confirm(
    { message: `Start the drill on ${domain} now?`, default: false },
    { signal, output: process.stderr },
  );
}

function draw(name: DrillName, result: DrillResult, output: Output): string {
  const { paint } = output;
  const rows = result.measurements.map((measurement) => [
    measurement.ok ? paint.green('✓') : paint.red('✗'),
    measurement.name,
    value(measurement),
    measurement.limit === undefined ? '' : `at most ${amount(measurement.limit, measurement.unit)}`,
  ]);
  const moments = result.timeline.moments.map(({ at, what }) => [`${at.toFixed(1)} s`, what]);
  return [
    output.table(['after', 'what happened'], moments),
    '',
    output.table(['', 'measured', '', 'limit'], rows),
    '',
    ...(result.usesFakes
      ? ['Jicofo and the bridges were fakes: these measurements cover signalling, not media.']
      : []),
    result.ok
      ? `${paint.green('✓')} ${name}: all measurements are within their limits.`
      : `${paint.red('✗')} ${name}: ${result.measurements.filter(({ ok }) => !ok).length} of ${result.measurements.length} measurements exceed their limits.`,
  ].join('\n');
}

const value = ({ value: it, unit }: Measurement) => (it === undefined ? 'never' : amount(it, unit));

const amount = (number: number, unit: Measurement['unit']) =>
  unit === 's' ? seconds(number) : withUnit(number, unit);
