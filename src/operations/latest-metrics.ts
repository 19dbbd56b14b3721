import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Account } from '../cloud/account.js';
import { client } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { bridgeDimensions, METRICS, METRICS_NAMESPACE, shardDimensions } from '../contract/metrics.js';
import { shardNames } from '../contract/names.js';

/** The agents' newest metrics, of the last five minutes; undefined where none came. People, meetings and bridges are whole. */
export interface LatestMetrics {
  /** Over all shards. */
  readonly people?: number;
  readonly meetings?: number;
  /** Bridges that every shard can use: the least that any of them counts. */
  readonly bridges?: number;
  /** Average over all bridges: 0 idle, 1 full. */
  readonly stress?: number;
  /** Security updates that wait on the bridge that has most of them. */
  readonly bridgeUpdates?: number;
  /** The fullest bridge's. */
  readonly highestStress?: number;
  readonly shards: readonly ShardMetrics[];
}

/** What one shard's focus counts. */
export interface ShardMetrics {
  readonly shard: string;
  readonly people?: number;
  readonly meetings?: number;
  readonly bridges?: number;
  /** Security updates that wait on its machine. */
  readonly updates?: number;
  /** When it counted its bridges. */
  readonly counted?: Date;
  /** Whether its Prosody and its Jicofo answered. */
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

/** What a shard tells as soon as it changes; the rest it tells once a minute. */
const TOLD_AT_ONCE: readonly string[] = [METRICS.bridges, METRICS.shardHealthy];

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
              TOLD_AT_ONCE.includes(metric) ? 1 : 60,
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
      // A cloud that is not AWS may not heed the order that was asked for.
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

/** What the values of the shards come to. What was not reported is left out: nothing reported is not nobody there. */
export function summary(shards: readonly string[], values: ReadonlyMap<string, Value>): LatestMetrics {
  const of = (id: keyof typeof OF_A_SHARD, shard: string) => values.get(`${id}_${shard}`);
  const each = shards.map((shard): ShardMetrics => {
    const [people, meetings, bridges] = [of('people', shard), of('meetings', shard), of('bridges', shard)];
    const updates = of('updates', shard);
    const healthy = of('healthy', shard);
    return {
      shard,
      // An average is a fraction where somebody came or left within its minute: whoever was there counts, and of bridges
      // only those that were there all the time.
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
