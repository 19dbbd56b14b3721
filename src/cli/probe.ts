import { InvalidArgumentError } from 'commander';
import type { ProbeResult } from '../operations/probe/meeting.js';
import { assertCanMeet, type VerifiedMeeting, verifyMeeting } from '../operations/verify-meeting.js';
import { drawBrowsers } from './output/browsers.js';
import type { Output } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('probe', 'Joins a meeting as people do, and tells what each sees and hears.')
    .option('--room <name>', 'where to meet; by default a room that nobody else uses')
    .option('--participants <number>', 'how many browsers meet', parseCount, 3)
    .option('--xmpp', 'only signalling, without browsers', false),
  async run({ inAccount, output, onProgress, signal }, flags) {
    const wanted = {
      room: flags.room as string | undefined,
      participants: flags.participants as number,
    };
    assertCanMeet(wanted);
    const { deployment, account } = await inAccount();
    const tried = await verifyMeeting({
      ...wanted,
      account,
      deployment,
      onProgress,
      signal,
      signallingOnly: flags.xmpp === true,
    });
    output.answer({ domain: deployment.domain, ...tried }, draw(tried, output));
    return tried.ok ? 0 : 1;
  },
};

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`"${text}" is no number of participants.`);
}

function draw({ ok, signalling, browsers, withoutBrowsers }: VerifiedMeeting, output: Output): string {
  const { paint } = output;
  return [
    drawSignalling(signalling, output),
    '',
    ...(withoutBrowsers ? [withoutBrowsers] : []),
    ...(browsers ? [drawBrowsers(browsers, output), ''] : []),
    ok ? `${paint.green('✓')} People can meet.` : `${paint.red('✗')} Not everything works.`,
  ].join('\n');
}

function drawSignalling({ steps }: ProbeResult, output: Output): string {
  const { paint } = output;
  return output.table(
    ['', 'step', 'took', 'found'],
    steps.map(({ ok, name, seconds, detail }) => [
      ok ? paint.green('✓') : paint.red('✗'),
      name,
      `${seconds.toFixed(2)} s`,
      detail,
    ]),
  );
}
