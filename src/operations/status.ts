import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { METRICS_NAMESPACE } from '../capacity/metrics.js';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import { type Activity, activities, type Machine, machines } from '../cloud/machines.js';
import { findStack, outputs } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { OUTPUTS } from '../stack/deployment-stack.js';
import { stackName } from '../stack/names.js';

export interface Status {
  /** What it comes to: `absent`, `changing`, `serving`, `recovering` (a machine is on its way) or `down`. */
  readonly state: 'absent' | 'changing' | 'serving' | 'recovering' | 'down';
  readonly url: string;
  /** CloudFormation's word; empty when there is no stack. */
  readonly stack: string;
  readonly machines: readonly Machine[];
  readonly figures: Figures;
  /** Whether the person has confirmed that mail may be sent. */
  readonly mail: 'confirmed' | 'unconfirmed' | 'none';
  readonly activities: readonly Activity[];
}

/** The agents' newest figures, of the last five minutes; undefined where none came. */
export interface Figures {
  readonly people?: number;
  readonly meetings?: number;
  readonly stress?: number;
  readonly bridges?: number;
}

/** How a deployment is. Reads only; a deployment that is not there is an answer, not an error. */
export async function status(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain'>,
): Promise<Status> {
  const url = `https://${deployment.domain}/`;
  const stack = await findStack(account, stackName(deployment.name));
  if (!stack)
    return { state: 'absent', url, stack: '', machines: [], figures: {}, mail: 'none', activities: [] };
  const out = outputs(stack);
  const [all, figures, mail, done] = await Promise.all([
    machines(account, deployment.name, out[OUTPUTS.targetGroup] ?? ''),
    newestFigures(account, deployment.name),
    mailState(account, out[OUTPUTS.topic]),
    activities(account, (out[OUTPUTS.groups] ?? '').split(',').filter(Boolean)),
  ]);
  return {
    state: overall(stack.StackStatus ?? '', all),
    url,
    stack: stack.StackStatus ?? '',
    machines: all,
    figures,
    mail,
    activities: done,
  };
}

/** One word for a stack's state and its machines'. */
export function overall(stack: string, all: readonly Pick<Machine, 'target' | 'state'>[]): Status['state'] {
  if (all.some(({ target }) => target === 'healthy')) return 'serving';
  if (/IN_PROGRESS/.test(stack)) return 'changing';
  const coming = all.some(
    ({ state, target }) => ['pending', 'running'].includes(state) && target !== 'unhealthy',
  );
  return coming ? 'recovering' : 'down';
}

async function mailState(account: Account, topic: string | undefined): Promise<Status['mail']> {
  if (!topic) return 'none';
  const answer = await client(account, SNSClient).send(
    new ListSubscriptionsByTopicCommand({ TopicArn: topic }),
  );
  const mails = (answer.Subscriptions ?? []).filter(({ Protocol }) => Protocol === 'email');
  if (mails.length === 0) return 'none';
  return mails.every(({ SubscriptionArn }) => SubscriptionArn?.startsWith('arn:'))
    ? 'confirmed'
    : 'unconfirmed';
}

const METRICS = {
  people: 'Participants',
  meetings: 'Conferences',
  stress: 'Stress',
  bridges: 'Bridges',
} as const;

async function newestFigures(account: Account, deployment: string): Promise<Figures> {
  const now = account.clock.now();
  const answer = await client(account, CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(now.getTime() - 5 * 60_000),
      EndTime: new Date(now.getTime() + 60_000),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: Object.entries(METRICS).map(([id, metric]) => ({
        Id: id,
        MetricStat: {
          Metric: {
            Namespace: METRICS_NAMESPACE,
            MetricName: metric,
            Dimensions: [
              { Name: 'Deployment', Value: deployment },
              { Name: 'Cell', Value: 'a' },
            ],
          },
          Period: 60,
          Stat: metric === 'Stress' ? 'Maximum' : 'Average',
        },
      })),
    }),
  );
  return Object.fromEntries(
    (answer.MetricDataResults ?? [])
      .filter(({ Id, Values }) => Id && Values?.length)
      .map(({ Id, Values }) => [Id, Values?.[0]]),
  );
}
