import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Account } from './account.js';
import { client } from './clients.js';

/** One statistic of one metric. */
export interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Average' | 'Maximum' | 'Sum';
}

/** Values by the beginning of their period, in milliseconds since 1970. Periods without data have none. */
export type Series = ReadonlyMap<number, number>;

/** AWS's limit for one request. */
const MOST_QUERIES = 500;

/** The history of metrics, in the order in which they are asked for. `seconds`: length of a period. */
export async function metricHistory(
  account: Account,
  wanted: readonly Wanted[],
  { from, to, seconds }: { readonly from: Date; readonly to: Date; readonly seconds: number },
): Promise<Series[]> {
  if (wanted.length > MOST_QUERIES) throw new Error(`${wanted.length} metrics are too many for one request`);
  const found = wanted.map(() => new Map<number, number>());
  const MetricDataQueries = wanted.map(({ namespace, name, dimensions, statistic }, index) => ({
    Id: `m${index}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: seconds,
      Stat: statistic,
    },
  }));
  let NextToken: string | undefined;
  do {
    const answer = await client(account, CloudWatchClient).send(
      new GetMetricDataCommand({ StartTime: from, EndTime: to, MetricDataQueries, NextToken }),
    );
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? [])
      Timestamps.forEach((at, index) => {
        found[Number(Id.slice(1))]?.set(at.getTime(), Values[index] ?? 0);
      });
    NextToken = answer.NextToken;
  } while (NextToken);
  return found;
}
