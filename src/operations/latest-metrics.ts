import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { bridgeDimensions, METRICS, METRICS_NAMESPACE, shardDimensions } from '../contract/metrics.js';
import { shardNames } from '../contract/names.js';

/**
 * The latest metrics of the last five minutes; undefined if none were published. People, meetings and bridges are
 * whole numbers.
 */
export interface LatestMetrics {
  /** Sum over all shards. */
  readonly people?: number;
  readonly meetings?: number;
  /** Bridges that every shard can use: the minimum over the shards. */
  readonly bridges?: number;
  /** Average over all bridges: 0 idle, 1 full. */
  readonly stress?: number;
  /** Pending security updates, the maximum over the bridges. */
  readonly bridgeUpdates?: number;
  /** Maximum over all bridges. */
  readonly highestStress?: number;
  readonly shards: readonly ShardMetrics[];
}

/** The metrics of one shard. */
export interface ShardMetrics {
  readonly shard: string;
  readonly people?: number;
  readonly meetings?: number;
  readonly bridges?: number;
  /** Pending security updates of its machine. */
  readonly updates?: number;
  /** When the number of bridges was published. */
  readonly counted?: Date;
  /** Whether Prosody and Jicofo answered. */
  readonly healthy?: boolean;
}

interface Value {
  readonly value: number;
  readonly at: Date;
}

const OF_A_SHARD = {
  people: METRICS.participants,
  meetings: METRICS.conferences,
  bridges: METRICS.bridges,
  updates: METRICS.updates,
  healthy: METRICS.shardHealthy,
} as const;

/** Metrics that a shard publishes as soon as they change; the others are published once a minute. */
const PUBLISHED_ON_CHANGE: readonly string[] = [METRICS.bridges, METRICS.shardHealthy];

const WINDOW_MS = 5 * 60_000;

export async function latestMetrics(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'shards' | 'bridges'>,
): Promise<LatestMetrics> {
  const now = account.clock.now().getTime();
  const names = shardNames(deployment.shards);
  const stressOf = deployment.bridges
    ? bridgeDimensions(deployment.name)
    : shardDimensions(deployment.name, names[0] ?? 'a');
  const answer = await client(account, CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(now - WINDOW_MS),
      EndTime: new Date(now + 60_000),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        ...names.flatMap((shard) =>
          Object.entries(OF_A_SHARD).map(([id, metric]) =>
            query(
              `${id}_${shard}`,
              metric,
              shardDimensions(deployment.name, shard),
              'Average',
              PUBLISHED_ON_CHANGE.includes(metric) ? 1 : 60,
            ),
          ),
        ),
        query('stress', METRICS.stress, stressOf, 'Average'),
        query('highest', METRICS.stress, stressOf, 'Maximum'),
        ...(deployment.bridges
          ? [query('bridgeUpdates', METRICS.updates, bridgeDimensions(deployment.name), 'Maximum')]
          : []),
      ],
    }),
  );
  const values = new Map<string, Value>();
  for (const { Id = '', Values = [], Timestamps = [] } of answer.MetricDataResults ?? []) {
    Timestamps.forEach((at, index) => {
      const value = Values[index];
      // Clouds other than AWS may ignore the requested order.
      if (value !== undefined && at > (values.get(Id)?.at ?? new Date(0))) values.set(Id, { value, at });
    });
  }
  return summary(names, values);
}

function query(
  Id: string,
  MetricName: string,
  dimensions: Readonly<Record<string, string>>,
  Stat: 'Average' | 'Maximum',
  Period = 60,
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace: METRICS_NAMESPACE, MetricName, Dimensions }, Period, Stat },
  };
}

/** Combines the shards' values. Missing values are left out, because they do not mean zero. */
export function summary(shards: readonly string[], values: ReadonlyMap<string, Value>): LatestMetrics {
  const of = (id: keyof typeof OF_A_SHARD, shard: string) => values.get(`${id}_${shard}`);
  const each = shards.map((shard): ShardMetrics => {
    const [people, meetings, bridges] = [of('people', shard), of('meetings', shard), of('bridges', shard)];
    const updates = of('updates', shard);
    const healthy = of('healthy', shard);
    return {
      shard,
      // An average is fractional if the number changed within its minute. Participants are rounded up, and bridges
      // down, so that only bridges count that were there all the time.
      ...(people && { people: Math.ceil(people.value) }),
      ...(meetings && { meetings: Math.ceil(meetings.value) }),
      ...(bridges && { bridges: Math.floor(bridges.value), counted: bridges.at }),
      ...(updates && { updates: Math.ceil(updates.value) }),
      ...(healthy && { healthy: healthy.value >= 1 }),
    };
  });
  const known = (key: 'people' | 'meetings' | 'bridges') => each.flatMap((metrics) => metrics[key] ?? []);
  const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
  const stress = values.get('stress');
  const highest = values.get('highest');
  const bridgeUpdates = values.get('bridgeUpdates');
  return {
    ...(known('people').length > 0 && { people: sum(known('people')) }),
    ...(known('meetings').length > 0 && { meetings: sum(known('meetings')) }),
    ...(known('bridges').length > 0 && { bridges: Math.min(...known('bridges')) }),
    ...(stress && { stress: stress.value }),
    ...(highest && { highestStress: highest.value }),
    ...(bridgeUpdates && { bridgeUpdates: Math.ceil(bridgeUpdates.value) }),
    shards: each,
  };
}
