import { confirm } from '@inquirer/prompts';
import { Argument, Option } from 'commander';
import { ConvokeError } from '../contract/errors.js';
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
  shard: 'The power of a shard’s machine is cut. Its rooms go to another shard, and its group replaces it.',
  bridge: 'The power of a bridge with a call on it is cut. Its group replaces it.',
  zone: 'The power of every machine in one zone is cut, at once. Their groups replace them in the other.',
  drain: 'A bridge with a call on it leaves in good order, and is replaced.',
};

const KILLED = 'Prosody on a shard, or Videobridge on a bridge, is killed, and systemd starts it again.';

export const verb: Verb = {
  command: verbCommand('drill', 'Breaks something on purpose, and measures what participants notice.')
    .addArgument(new Argument('<what>', 'what to break').choices(DRILLS))
    .addOption(
      new Option(
        '--how <how>',
        'how it breaks: power (a failing host, which is replaced) or kill (Prosody or Videobridge crashes and is started again; in a rehearsal)',
      )
        .choices(['power', 'kill'])
        .default('power'),
    )
    .option('--yes', 'do not ask', false),
  async run({ inAccount, options, output, onProgress, signal }, flags, [what = '']) {
    const name = what as DrillName;
    const { deployment, account } = await inAccount();
    const fault = flags.how === 'kill' ? processKill(account) : powerCut(account);
    const common = { account, deployment, onProgress, signal, drill: name };
    const ahead = await forecast(common);
    if (!flags.yes && (ahead.warning || options.cloud === 'aws')) {
      const agreed = await ask(flags.how === 'kill' ? KILLED : WHAT[name], deployment.domain, ahead, signal);
      if (!agreed) {
        output.answer({ drill: name, ok: undefined }, 'Nothing was broken.');
        return 0;
      }
    }
    const result = await drill({ ...common, fault });
    output.answer({ drill: name, ...result }, draw(name, result, output));
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
      ? 'How many people are in meetings is not known at the moment.'
      : `${people} people are in ${meetings ?? 'some'} meetings at the moment.`;
  const said = [what, warning, busy].filter(Boolean).join(' ');
  if (!process.stdin.isTTY) {
    throw new ConvokeError('NotConfirmed', {
      what: `Nobody is there to be asked whether ${domain} may be broken.`,
      why: said,
      now: 'Say so with --yes.',
      fault: 'person',
    });
  }
  process.stderr.write(`${said}\n`);
  return confirm({ message: `Break ${domain} now?`, default: false }, { signal, output: process.stderr });
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
      ? ['The focus and the bridges were fakes: these measurements are about signalling, not about media.']
      : []),
    result.ok
      ? `${paint.green('✓')} ${name}: everything stayed within its limits.`
      : `${paint.red('✗')} ${name}: ${result.measurements.filter(({ ok }) => !ok).length} of ${result.measurements.length} measurements are beyond their limits.`,
  ].join('\n');
}

const value = ({ value: it, unit }: Measurement) => (it === undefined ? 'never' : amount(it, unit));

const amount = (number: number, unit: Measurement['unit']) =>
  unit === 's' ? seconds(number) : withUnit(number, unit);
