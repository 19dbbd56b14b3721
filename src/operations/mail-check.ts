import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { poll } from '../cloud/poll.js';
import { findStack } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { MAIL_CHECK_SOURCE, MAIL_RULES, ruleName, stackName } from '../contract/names.js';
import { deployedTemplate } from './deployed-template.js';

type Named = Pick<Deployment, 'name'>;

/** Sends a test event, which the rule `mail-check` turns into a mail in the same way as alerts. */
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

/** EventBridge's metrics are a minute or two late on AWS: this is three minutes there. An emulator has them at once. */
const LOOKS = 18;
const LOOK_EVERY_MS = 10_000;

/**
 * Waits until EventBridge's metrics show that the rule published to the topic. Returns false if no metric arrived
 * within three minutes. Throws `NoMail` if the metrics show a failure. Delivery of the mail itself cannot be checked.
 */
export async function isMailSent(
  account: Account,
  { name }: Named,
  since: Date,
  signal?: AbortSignal,
): Promise<boolean> {
  const rule = ruleName(name, 'mail-check');
  const { last, inTime } = await poll(
    account,
    { every: LOOK_EVERY_MS, timeout: LOOKS * (account.pollInterval ?? LOOK_EVERY_MS), signal },
    () => counts(account, [rule], since),
    ({ invoked, failed }) => invoked > 0 || failed > 0,
  );
  if (last.failed > 0) {
    throw cannotSend(
      `EventBridge counts ${last.failed} failed of ${last.invoked} invocations of the rule ${rule}.`,
    );
  }
  return inTime;
}

const MAIL_RESOURCES = ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'AWS::SNS::Subscription'];

/** The deployed resources that send alerts: topic, policy, subscription, and the rule of the test mail. */
export async function mailPath(account: Account, { name }: Named): Promise<string> {
  const rule = ruleName(name, 'mail-check');
  const { Resources = {} } = (await deployedTemplate(account, stackName(name))) ?? {};
  return JSON.stringify(
    Object.values(Resources).filter(
      ({ Type, Properties }) => MAIL_RESOURCES.includes(Type) || Properties?.Name === rule,
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
    what: 'The deployment is healthy, but alerts cannot be sent.',
    why,
    now: 'Check whether the policy of its SNS topic was changed: it must allow events.amazonaws.com to publish, without a condition.',
  });

const DAY_MS = 24 * 60 * 60_000;

/** Number of alerts in the last day that EventBridge could not publish to the topic. */
export async function unsentMails(account: Account, { name }: Named): Promise<number> {
  const since = new Date(account.clock.now().getTime() - DAY_MS);
  const rules = MAIL_RULES.map((what) => ruleName(name, what));
  return (await counts(account, rules, since)).failed;
}

/** EventBridge's metrics of the rules. It publishes `FailedInvocations` only if there are any. */
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
