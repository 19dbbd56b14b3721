import { randomUUID } from 'node:crypto';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AlertLog } from '../alerts/log.js';
import type { Account } from '../cloud/account.js';
import { client, ifThere } from '../cloud/clients.js';
import { poll } from '../cloud/poll.js';
import type { Deployment } from '../config/deployment.js';
import { printable } from '../config/sentences.js';
import type { LogEntry } from '../contract/alerts.js';
import { ConvokeError } from '../contract/errors.js';
import { ALERTS_RULE, alertsName, MAIL_CHECK_SOURCE, ruleName, stackName } from '../contract/names.js';
import { deployedTemplate } from './deployed-template.js';

type Named = Pick<Deployment, 'name'>;

/**
 * Sends a test event, which goes the way of every alert: rule, function, topic. Returns the id under which the function
 * logs it.
 */
export async function askForMail(account: Account, { name }: Named): Promise<string> {
  const check = randomUUID();
  const { Entries = [] } = await client(account, EventBridgeClient).send(
    new PutEventsCommand({
      Entries: [
        {
          Source: MAIL_CHECK_SOURCE,
          DetailType: 'convoke check',
          Detail: JSON.stringify({ deployment: name, check }),
        },
      ],
    }),
  );
  const [refused] = Entries.filter(({ ErrorCode }) => ErrorCode);
  if (refused) throw cannotSend(`EventBridge refused the event: ${refused.ErrorMessage}.`);
  return check;
}

/**
 * The function takes seconds. EventBridge's metrics, which tell why it was not invoked, are a minute or two late
 * on AWS: this is three minutes there.
 */
const LOOKS = 90;
const LOOK_EVERY_MS = 2_000;

/**
 * Waits until the function has logged that the topic took the mail of a check. Returns false if that was not the case
 * within three minutes. Throws `NoMail` if the function was not invoked, or failed. Delivery of the mail itself cannot
 * be checked.
 */
export async function isMailSent(
  account: Account,
  { name }: Named,
  check: string,
  since: Date,
  signal?: AbortSignal,
): Promise<boolean> {
  const { last, inTime } = await poll(
    account,
    { every: LOOK_EVERY_MS, timeout: LOOKS * (account.pollInterval ?? LOOK_EVERY_MS), signal },
    async () => ({
      entries: await logOf(account, name),
      refused: await sum(account, failedInvocations(name), since),
    }),
    ({ entries, refused }) => refused > 0 || outcome(entries, check) !== undefined,
  );
  const failed = last.entries.find((entry) => 'failed' in entry && entry.failed === check);
  if (outcome(last.entries, check) === 'sent') return true;
  if (failed && 'failed' in failed) throw cannotSend(`The function that sends alerts failed: ${failed.why}`);
  if (last.refused > 0) {
    throw cannotSend(
      `EventBridge could not invoke the function that sends alerts, by the rule ${ruleName(name, ALERTS_RULE)}.`,
    );
  }
  return inTime;
}

function outcome(entries: readonly LogEntry[], check: string): 'sent' | 'failed' | undefined {
  if (entries.some((entry) => 'sent' in entry && entry.sent === check)) return 'sent';
  return entries.some((entry) => 'failed' in entry && entry.failed === check) ? 'failed' : undefined;
}

/** The log of the function; empty if there is none. */
const logOf = async (account: Account, name: string): Promise<readonly LogEntry[]> =>
  (await ifThere(new AlertLog(client(account, SSMClient), alertsName(name)).read())) ?? [];

const MAIL_RESOURCES = [
  'AWS::Events::Rule',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
];

/** The deployed resources that every alert passes: rule, function, topic and subscriptions. */
export async function mailPath(account: Account, { name }: Named): Promise<string> {
  const { Resources = {} } = (await deployedTemplate(account, stackName(name))) ?? {};
  return JSON.stringify(Object.values(Resources).filter(({ Type }) => MAIL_RESOURCES.includes(Type)));
}

/** Whether mail of any kind was sent before. If not, an earlier `up` was interrupted before its check. */
export async function wasMailChecked(account: Account, { name }: Named): Promise<boolean> {
  return (await logOf(account, name)).some((entry) => 'sent' in entry);
}

const cannotSend = (why: string): ConvokeError =>
  new ConvokeError('NoMail', {
    what: 'The deployment is healthy, but alerts cannot be sent.',
    why,
    now: 'Check whether the permissions of the function, or its role, were changed. Its log group in CloudWatch shows its errors.',
  });

const DAY_MS = 24 * 60 * 60_000;

/** Why alerts of the last day were not sent or not delivered, a sentence each; empty if all were delivered. */
export async function mailFailures(account: Account, { name }: Named): Promise<string[]> {
  const since = new Date(account.clock.now().getTime() - DAY_MS);
  const [entries, notInvoked, errors, undelivered] = await Promise.all([
    logOf(account, name),
    sum(account, failedInvocations(name), since),
    sum(account, errorsOf(alertsName(name)), since),
    sum(account, undeliveredBy(alertsName(name)), since),
  ]);
  const failed = entries.flatMap((entry) =>
    'failed' in entry &&
    Date.parse(entry.at) >= since.getTime() &&
    outcome(entries, entry.failed) === 'failed'
      ? entry
      : [],
  );
  const causes: readonly (readonly [count: number, cause: string, advice: string])[] = [
    [
      notInvoked,
      'EventBridge could not invoke the function that sends alerts',
      `Check the permissions of the function ${alertsName(name)}.`,
    ],
    [
      failed.length,
      'The function that sends alerts failed',
      `The last error: ${printable(failed.at(-1)?.why ?? '')}`,
    ],
    [
      // It logs the errors that it can; Lambda counts all, also of attempts after which the next one succeeded.
      failed.length === 0 && errors >= ATTEMPTS ? errors : 0,
      'The function that sends alerts ended with an error that it could not log',
      `Its log group ${alertsName(name)} in CloudWatch shows the error.`,
    ],
    [
      undelivered,
      'SNS could not deliver alerts to a mail address',
      'Check the addresses under "alerts" in convoke.yaml.',
    ],
  ];
  return causes
    .filter(([count]) => count > 0)
    .map(([count, cause, advice]) => `${cause} (${times(count)} in the last day). ${advice}`);
}

/** How often Lambda invokes a function with one event, until one attempt succeeds. */
const ATTEMPTS = 3;

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

interface CountedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimension: readonly [name: string, value: string];
}

/** EventBridge publishes this metric only if there are any. */
const failedInvocations = (name: string): CountedMetric => ({
  namespace: 'AWS/Events',
  name: 'FailedInvocations',
  dimension: ['RuleName', ruleName(name, ALERTS_RULE)],
});

const errorsOf = (functionName: string): CountedMetric => ({
  namespace: 'AWS/Lambda',
  name: 'Errors',
  dimension: ['FunctionName', functionName],
});

const undeliveredBy = (topic: string): CountedMetric => ({
  namespace: 'AWS/SNS',
  name: 'NumberOfNotificationsFailed',
  dimension: ['TopicName', topic],
});

/** The sum of a metric since then. */
async function sum(account: Account, metric: CountedMetric, since: Date): Promise<number> {
  const [Name, Value] = metric.dimension;
  const { MetricDataResults = [] } = await client(account, CloudWatchClient).send(
    new GetMetricDataCommand({
      // A metric is dated at the beginning of its period.
      StartTime: new Date(since.getTime() - 60_000),
      EndTime: new Date(account.clock.now().getTime() + 60_000),
      MetricDataQueries: [
        {
          Id: 'sum',
          MetricStat: {
            Metric: { Namespace: metric.namespace, MetricName: metric.name, Dimensions: [{ Name, Value }] },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
    }),
  );
  return MetricDataResults.flatMap(({ Values = [] }) => Values).reduce((total, value) => total + value, 0);
}
