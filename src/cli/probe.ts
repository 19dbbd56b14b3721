import { InvalidArgumentError } from 'commander';
import { closedUntil } from '../operations/closed.js';
import type { ProbeResult } from '../operations/probe/meeting.js';
import { assertCanMeet, type VerifiedMeeting, verifyMeeting } from '../operations/verify-meeting.js';
import { drawBrowsers } from './output/browsers.js';
import type { Output } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('probe', 'Joins a meeting with browsers, and reports what each one sees and hears.')
    .option('--room <name>', 'room to join; default: a new room')
    .option('--participants <number>', 'number of browsers', parseCount, 3)
    .option('--xmpp', 'test signalling only, without browsers', false),
  async run({ inAccount, output, onProgress, signal }, flags) {
    const wanted = {
      room: flags.room as string | undefined,
      participants: flags.participants as number,
    };
    assertCanMeet(wanted);
    const { deployment, account } = await inAccount();
    const opens = closedUntil(deployment, account.clock.now());
    if (opens)
      output.note(`The deployment is closed until ${opens}, unless it was opened by hand with "convoke up".`);
    const tried = await verifyMeeting({
      ...wanted,
      account,
      deployment,
      onProgress,
      signal,
      signallingOnly: flags.xmpp === true,
    });
    output.result({ domain: deployment.domain, ...tried }, draw(tried, output));
    return tried.ok ? 0 : 1;
  },
};

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is not a number of participants.`);
}

function draw({ ok, signalling, browsers, withoutBrowsers }: VerifiedMeeting, output: Output): string {
  const { paint } = output;
  return [
    drawSignalling(signalling, output),
    '',
    ...(withoutBrowsers ? [withoutBrowsers] : []),
    ...(browsers ? [drawBrowsers(browsers, output), ''] : []),
    ok ? `${paint.green('✓')} The meeting works.` : `${paint.red('✗')} Some steps failed.`,
  ].join('\n');
}

function drawSignalling({ steps }: ProbeResult, output: Output): string {
  const { paint } = output;
  return output.table(
    ['', 'step', 'took', 'result'],
    steps.map(({ ok, name, seconds, detail }) => [
      ok ? paint.green('✓') : paint.red('✗'),
      name,
      `${seconds.toFixed(2)} s`,
      detail,
    ]),
  );
}
