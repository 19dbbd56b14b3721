import type { Deployment } from '../config/deployment.js';
import { redirectAddress } from '../contract/login.js';
import { dashboardName } from '../contract/names.js';
import { PreflightFailed } from '../operations/check/preflight.js';
import { FAKES_ANSWERED } from '../operations/probe/meeting.js';
import type { OnProgress } from '../operations/progress.js';
import { type UpResult, up } from '../operations/up.js';
import { drawBrowsers } from './output/browsers.js';
import { budgetLine } from './output/money.js';
import type { Output } from './output/output.js';
import { releaseLine } from './output/release.js';
import { planLine } from './output/roll.js';
import { drawFindings, drawRecords } from './output/tables.js';
import { type Context, type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('up', 'Deploys the file’s settings, then joins a meeting to verify them.')
    .option('--no-check', 'skip the preflight checks')
    .option(
      '--express',
      'CloudFormation does not wait until resources are ready: faster, but a resource that never gets ready is not rolled back',
      false,
    )
    .option('--later', 'do not replace machines: those that start later have the new settings', false),
  async run(context, flags) {
    const { inAccount, options, output, onProgress, signal } = context;
    const { deployment, account } = await inAccount('start');
    const join = options.cloud === 'aws' || (await import('../rehearsal/account.js')).canBeJoined();
    const result = await withFindings(context, async () =>
      up({
        account,
        deployment,
        onProgress: options.cloud === 'rehearsal' ? await showingDnsFile(context) : onProgress,
        signal,
        join,
        bake: join,
        check: flags.check !== false,
        express: flags.express === true,
        machines: flags.later ? 'later' : 'roll',
        announce: (plan) => output.note(planLine(plan, deployment)),
      }),
    );
    output.result({ ...result, domain: deployment.domain }, await drawUp(result, context, deployment));
    return 0;
  },
};

/** Prints the findings of the preflight checks if they are why it failed. */
export async function withFindings<T>({ output }: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PreflightFailed) output.note(drawFindings(error.findings, output));
    throw error;
  }
}

/** The result of `up` and `upgrade`. */
export async function drawUp(
  result: UpResult,
  { options, output }: Context,
  deployment: Deployment,
): Promise<string> {
  const { paint } = output;
  return [
    result.changed ? '' : 'No changes were needed.',
    `${paint.green('Meetings are available at')} ${paint.bold(result.url)}`,
    result.release ? releaseLine(result.release) : '',
    imageLine(result, paint),
    result.probes.some(({ usesFakes }) => usesFakes) ? FAKES_ANSWERED : '',
    result.records.length
      ? `Keep these DNS records; AWS needs them to renew the certificate:\n${drawRecords(result.records, output)}`
      : '',
    result.browsers ? drawBrowsers(result.browsers, output) : '',
    options.cloud === 'rehearsal' ? await browserCommand(deployment.domain) : '',
    options.cloud === 'aws' && deployment.dashboard ? `Dashboard: ${dashboardUrl(deployment)}` : '',
    deployment.login ? loginLine(deployment.domain, deployment.login.issuer) : '',
    deployment.budget ? budgetLine(deployment.budget.monthly, deployment.alerts.emails) : '',
    alertsLine(deployment.alerts.emails, result.unconfirmed),
    result.mail === 'unconfirmed' ? paint.yellow(MAIL_UNCONFIRMED) : '',
  ]
    .filter(Boolean)
    .join('\n');
}

/** Where AWS's console shows the dashboard. */
export const dashboardUrl = ({ name, region }: Pick<Deployment, 'name' | 'region'>): string =>
  `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboardName(name, region)}`;

/** What machines start from, if convoke makes the image. */
function imageLine({ image, imageFailure }: UpResult, paint: Output['paint']): string {
  if (imageFailure)
    return paint.yellow(`${imageFailure} Machines start from Debian's image, which takes longer.`);
  return image ? `Machines start from the machine image ${image}, with everything installed.` : '';
}

/** What is left to do until hosts can sign in. */
export const loginLine = (domain: string, issuer: string): string =>
  `Hosts sign in at ${issuer}. Once: register the redirect address ${redirectAddress(domain)} there, and run "convoke login set-secret".`;

/** Who gets alerts, and who has to confirm the subscription first. */
export function alertsLine(emails: readonly string[], unconfirmed: readonly string[]): string {
  const line = `Alerts go to ${emails.join(', ')}.`;
  return unconfirmed.length === 0
    ? line
    : `${line} Still to confirm the subscription, with the link in the mail from AWS: ${unconfirmed.join(', ')}.`;
}

const MAIL_UNCONFIRMED =
  'Whether alerts are sent is not confirmed: EventBridge published no metric of the test mail within 3 minutes. Check that the mail "convoke has deployed …" arrives; if not, run the same command again.';

/** In a rehearsal a file stands in for the DNS provider. Prints its path once, before the first records. */
async function showingDnsFile({ output, onProgress }: Context): Promise<OnProgress> {
  const { providerFile } = await import('../rehearsal/account.js');
  let shown = false;
  return (event) => {
    onProgress(event);
    if (event.kind !== 'records' || shown) return;
    shown = true;
    output.note(
      `In this rehearsal the file ${providerFile()} is your DNS provider: append name, type and value.`,
    );
  };
}

/** A browser needs options to find a rehearsal's page and to trust its certificate. */
async function browserCommand(domain: string): Promise<string> {
  const { pageCommand } = await import('../rehearsal/account.js');
  return `To open it on this machine: ${pageCommand(domain)}`;
}
