import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { findStack } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { ruleName, stackName } from '../contract/names.js';
import { MAIL_CHECK_SOURCE, MAIL_RULES } from '../stack/alerts.js';
import { deployedTemplate } from './deployed-template.js';

type Named = Pick<Deployment, 'name'>;

/** Sends the event that the rule `mail-check` makes a mail of, on the same way as every alert. */
export async function askForMail(account: Account, { name }: Named): Promise<void> {
  const { Entries = [] } = await client(account, EventBridgeClient).send(
    new PutEventsCommand({
      Entries: [
        {
          Source: MAIL_CHECK_SOURCE,
          DetailType: 'convoke check',
          Detail: JSON.stringify({ deployment: name }),
        },
      ],
    }),
  );
  const [refused] = Entries.filter(({ ErrorCode }) => ErrorCode);
  if (refused) throw cannotSend(`EventBridge refused the event: ${refused.ErrorMessage}.`);
}

/** EventBridge's metrics come a minute or two late. */
const PATIENCE_MS = { aws: 3 * 60_000, emulated: 5_000 } as const;

/**
 * Waits until EventBridge has counted that the rule published to the topic. Answers whether it has; false means that nothing is
 * known, since no metric came within three minutes. Throws `NoMail` where EventBridge counts that it could not publish.
 * Whether the mail arrives, only the person sees.
 */
export async function isMailSent(
  account: Account,
  { name }: Named,
  since: Date,
  signal?: AbortSignal,
): Promise<boolean> {
  const rule = ruleName(name, 'mail-check');
  const deadline = account.clock.now().getTime() + PATIENCE_MS[account.endpoint ? 'emulated' : 'aws'];
  do {
    const { invoked, failed } = await counts(account, [rule], since);
    if (failed > 0)
      throw cannotSend(`EventBridge counts ${failed} failed of ${invoked} invocations of the rule ${rule}.`);
    if (invoked > 0) return true;
    await account.clock.wait(account.endpoint ? 250 : 10_000, signal);
  } while (account.clock.now().getTime() < deadline);
  return false;
}

const ON_THE_WAY_OF_MAIL = ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::SNS::Subscription'];

/** What alerts are mailed by, as it is deployed: topic, its policy, who subscribed, and the rule of the check. Empty: nothing. */
export async function mailPath(account: Account, { name }: Named): Promise<string> {
  const rule = ruleName(name, 'mail-check');
  const { Resources = {} } = (await deployedTemplate(account, stackName(name))) ?? {};
  return JSON.stringify(
    Object.values(Resources).filter(
      ({ Type, Properties }) => ON_THE_WAY_OF_MAIL.includes(Type) || Properties?.Name === rule,
    ),
  );
}

/**
 * Whether EventBridge has sent the mail of the check since the stack was made. If not, an earlier `up` was interrupted before, or
 * its mail was never counted.
 */
export async function wasMailChecked(account: Account, { name }: Named): Promise<boolean> {
  const since = (await findStack(account, stackName(name)))?.CreationTime;
  if (!since) return false;
  const { invoked, failed } = await counts(account, [ruleName(name, 'mail-check')], since, DAY_MS / 1000);
  return invoked > failed;
}

const cannotSend = (why: string): ConvokeError =>
  new ConvokeError('NoMail', {
    what: 'The deployment serves, but no mail can be sent when something breaks.',
    why,
    now: 'See whether somebody changed the policy of its SNS topic: it has to let events.amazonaws.com publish, without a condition.',
  });

const DAY_MS = 24 * 60 * 60_000;

/** Alerts of the last day that EventBridge could not hand to the topic. */
export async function unsentMails(account: Account, { name }: Named): Promise<number> {
  const since = new Date(account.clock.now().getTime() - DAY_MS);
  const rules = MAIL_RULES.map((what) => ruleName(name, what));
  return (await counts(account, rules, since)).failed;
}

/** What EventBridge counted of the rules. It publishes `FailedInvocations` only where there are some. */
async function counts(
  account: Account,
  rules: readonly string[],
  since: Date,
  /** Seconds; CloudWatch keeps periods of a minute for 15 days only. */
  period = 60,
): Promise<{ readonly invoked: number; readonly failed: number }> {
  const query = (Id: string, MetricName: string, RuleName: string) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Events',
        MetricName,
        Dimensions: [{ Name: 'RuleName', Value: RuleName }],
      },
      Period: period,
      Stat: 'Sum',
    },
  });
  const { MetricDataResults = [] } = await client(account, CloudWatchClient).send(
    new GetMetricDataCommand({
      // A metric is dated at the beginning of its period.
      StartTime: new Date(since.getTime() - period * 1000),
      EndTime: new Date(account.clock.now().getTime() + 60_000),
      MetricDataQueries: rules.flatMap((rule, index) => [
        query(`invoked${index}`, 'Invocations', rule),
        query(`failed${index}`, 'FailedInvocations', rule),
      ]),
    }),
  );
  const sum = (kind: string) =>
    MetricDataResults.filter(({ Id }) => Id?.startsWith(kind))
      .flatMap(({ Values = [] }) => Values)
      .reduce((total, value) => total + value, 0);
  return { invoked: sum('invoked'), failed: sum('failed') };
}
