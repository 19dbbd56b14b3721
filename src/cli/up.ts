import { PreflightFailed } from '../operations/check/preflight.js';
import { FAKES_ANSWERED } from '../operations/probe/meeting.js';
import type { OnProgress } from '../operations/progress.js';
import { type UpResult, up } from '../operations/up.js';
import { drawBrowsers } from './output/browsers.js';
import { drawFindings } from './output/findings.js';
import { budgetLine } from './output/money.js';
import { drawRecords } from './output/records.js';
import { type Context, type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('up', 'Deploys what the file says, and joins a meeting to prove it.')
    .option('--no-check', 'do not look first for what would stop it half-way')
    .option(
      '--express',
      'CloudFormation does not wait until things are ready: quicker, but a part that never gets ready is not taken back',
      false,
    ),
  async run(context, flags) {
    const { inAccount, options, output, onProgress, signal } = context;
    const { deployment, account } = await inAccount('start');
    let result: UpResult;
    try {
      const join = options.cloud === 'aws' || (await import('../rehearsal/account.js')).canBeJoined();
      result = await up({
        account,
        deployment,
        onProgress: options.cloud === 'rehearsal' ? await sayingWhere(context) : onProgress,
        signal,
        join,
        check: flags.check !== false,
        express: flags.express === true,
      });
    } catch (error) {
      if (error instanceof PreflightFailed) output.say(drawFindings(error.findings, output));
      throw error;
    }
    const { paint } = output;
    output.answer(
      { ...result, domain: deployment.domain },
      [
        result.changed ? '' : 'Nothing had to change.',
        `${paint.green('Meetings are at')} ${paint.bold(result.url)}`,
        result.probes.some(({ usesFakes }) => usesFakes) ? FAKES_ANSWERED : '',
        result.records.length
          ? `Leave these records where they are; AWS renews the certificate by its proof:\n${drawRecords(result.records, output)}`
          : '',
        result.browsers ? drawBrowsers(result.browsers, output) : '',
        options.cloud === 'rehearsal' ? await howToSee(deployment.domain) : '',
        deployment.budget ? budgetLine(deployment.budget.monthly, deployment.alerts) : '',
        `Mail goes to ${deployment.alerts} once that address has confirmed it.`,
        result.mail === 'unconfirmed' ? paint.yellow(MAIL_UNCONFIRMED) : '',
      ]
        .filter(Boolean)
        .join('\n'),
    );
    return 0;
  },
};

const MAIL_UNCONFIRMED =
  'It could not be confirmed that alerts are sent: EventBridge has published no metric of the mail that checks it within 3 minutes. See whether the mail "convoke has deployed …" arrives; if not, run the same command again.';

/** In a rehearsal, a person has to be told once where their DNS provider is. */
async function sayingWhere({ output, onProgress }: Context): Promise<OnProgress> {
  const { providerFile } = await import('../rehearsal/account.js');
  let said = false;
  return (event) => {
    onProgress(event);
    if (event.kind !== 'records' || said) return;
    said = true;
    output.say(`In this rehearsal your provider is the file ${providerFile()}: append name, type and value.`);
  };
}

/** A rehearsal's page is seen by who is told where it is, and whose certificates to trust. */
async function howToSee(domain: string): Promise<string> {
  const { pageCommand } = await import('../rehearsal/account.js');
  return `Seen from this machine: ${pageCommand(domain)}`;
}
