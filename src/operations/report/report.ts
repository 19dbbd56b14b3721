import type { Account } from '../../cloud/account.js';
import { metricHistory, type Wanted } from '../../cloud/metric-history.js';
import { findStack } from '../../cloud/stacks.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { METRICS, METRICS_NAMESPACE, shardDimensions } from '../../contract/metrics.js';
import { bridgesGroupName, stackName } from '../../contract/names.js';
import { shapeIn } from '../cost.js';
import { deployedTemplate } from '../deployed-template.js';
import { pricesOf } from '../prices.js';
import { days, type Figures, figures, type History, type Incident, incidentsIn } from './figures.js';
import { EVERY_SHARD, groupNames, incidentHistory } from './incident-history.js';
import { articlesLike, type Money, moneyOf } from './money.js';

export interface Report {
  readonly domain: string;
  readonly from: Date;
  readonly to: Date;
  /** Seconds between two values of metrics: CloudWatch keeps fewer of old ones. */
  readonly seconds: number;
  readonly total: Figures;
  readonly days: readonly (Figures & { readonly day: string })[];
  readonly incidents: readonly Incident[];
  /** Machines that were replaced because they had failed. */
  readonly failed: readonly { readonly at: Date; readonly group: string; readonly machine: string }[];
  readonly money: Money;
  /** What the services do not know any more, a sentence each. */
  readonly gaps: readonly string[];
}

const DAY = 24 * 60 * 60_000;
/** CloudWatch keeps values of five minutes for 63 days, and of an hour for 455 days (CloudWatch guide, metrics retention). */
const FIVE_MINUTES_FOR = 63 * DAY;
const HOURS_FOR = 455 * DAY;
/** CloudWatch keeps the history of alarms for 30 days, Auto Scaling that of activities for six weeks. */
const ALARMS_FOR = 30 * DAY;
const ACTIVITIES_FOR = 42 * DAY;

/** Meetings, incidents and money of a period of time. Throws `NotDeployed` or `BadTime`. */
export async function report(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'region' | 'hours'>,
  asked: { readonly from: Date; readonly to: Date },
): Promise<Report> {
  const now = account.clock.now();
  const stack = await findStack(account, stackName(deployment.name));
  const template = stack && (await deployedTemplate(account, stackName(deployment.name)));
  if (!template) throw notDeployed(deployment);
  const created = stack.CreationTime ?? asked.from;
  // Whole periods, so that their values are complete.
  const old = now.getTime() - asked.from.getTime();
  const seconds = old <= FIVE_MINUTES_FOR ? 300 : 3600;
  const from = floor(
    new Date(Math.max(asked.from.getTime(), created.getTime(), now.getTime() - HOURS_FOR)),
    seconds,
  );
  const to = new Date(Math.min(asked.to.getTime(), now.getTime()));
  if (from >= to) throw empty(asked, created);

  const history = {
    ...(await read(account, deployment.name, { from, to, seconds })),
    hours: deployment.hours,
  };
  const total = figures(history);
  const shape = shapeIn(template, deployment.region);
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  const { book } = await pricesOf(deployment.region, articlesLike(shape, total, hours), account);
  return {
    domain: deployment.domain,
    from,
    to,
    seconds,
    total,
    days: days(history),
    incidents: incidentsIn(history),
    failed: history.failed.map(({ at, group, machine }) => ({ at, group, machine })),
    money: moneyOf(shape, total, hours, book),
    gaps: gaps({ from, now, asked: asked.from, created }),
  };
}

const floor = (at: Date, seconds: number) =>
  new Date(Math.floor(at.getTime() / (seconds * 1000)) * seconds * 1000);

async function read(
  account: Account,
  deployment: string,
  when: { readonly from: Date; readonly to: Date; readonly seconds: number },
): Promise<History> {
  const ofShards = (name: string, statistic: Wanted['statistic']): Wanted[] =>
    EVERY_SHARD.map((shard) => ({
      namespace: METRICS_NAMESPACE,
      name,
      dimensions: shardDimensions(deployment, shard),
      statistic,
    }));
  const wanted = [
    ofShards(METRICS.participants, 'Average'),
    ofShards(METRICS.participants, 'Maximum'),
    ofShards(METRICS.conferences, 'Average'),
    ofShards(METRICS.conferences, 'Maximum'),
    [
      {
        namespace: 'AWS/AutoScaling',
        name: 'GroupInServiceInstances',
        dimensions: { AutoScalingGroupName: bridgesGroupName(deployment) },
        statistic: 'Average' as const,
      },
    ],
    groupNames(deployment).map((group) => ({
      namespace: 'AWS/EC2',
      name: 'NetworkOut',
      dimensions: { AutoScalingGroupName: group },
      statistic: 'Sum' as const,
    })),
  ];
  const [series, happened] = await Promise.all([
    metricHistory(account, wanted.flat(), when),
    incidentHistory(account, deployment, when),
  ]);
  const [people = [], mostPeople = [], meetings = [], mostMeetings = [], bridges = [], sent = []] =
    wanted.map(({ length }, index) => {
      const start = wanted.slice(0, index).flat().length;
      return series.slice(start, start + length);
    });
  return {
    ...when,
    people,
    mostPeople,
    meetings,
    mostMeetings,
    bridges: bridges[0] ?? new Map(),
    sent,
    ...happened,
  };
}

interface Reach {
  readonly from: Date;
  readonly now: Date;
  readonly asked: Date;
  readonly created: Date;
}

/** What is older than the services remember. */
export function gaps({ from, now, asked, created }: Reach): string[] {
  const age = now.getTime() - from.getTime();
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return [
    asked < created &&
      `The deployment exists since ${day(created)}; what was before is not part of the report.`,
    created.getTime() < now.getTime() - HOURS_FOR &&
      asked.getTime() < now.getTime() - HOURS_FOR &&
      'CloudWatch keeps metrics for 455 days.',
    age > ALARMS_FOR && 'CloudWatch keeps the history of alarms for 30 days; earlier incidents are missing.',
    age > ACTIVITIES_FOR &&
      'Auto Scaling keeps activities for six weeks; machines that failed earlier are missing.',
  ].filter((sentence) => typeof sentence === 'string');
}

const notDeployed = ({ domain, region }: Pick<Deployment, 'domain' | 'region'>) =>
  new ConvokeError('NotDeployed', {
    what: `Nothing is deployed for ${domain} in ${region}.`,
    now: 'Run "convoke up". A report is about a deployment that exists.',
    fault: 'user',
  });

const empty = ({ from, to }: { from: Date; to: Date }, created: Date) =>
  new ConvokeError('BadTime', {
    what: `There is nothing between ${from.toISOString()} and ${to.toISOString()}.`,
    why: `The deployment exists since ${created.toISOString()}, and "to" has to be after "from".`,
    now: 'Give another --from or --to.',
    fault: 'user',
  });
