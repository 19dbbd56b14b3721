import type { Account } from '../../cloud/account.js';
import { metricHistory, type Series, type Wanted } from '../../cloud/metric-history.js';
import type { Deployment } from '../../config/deployment.js';
import { bridgeDimensions, METRICS, METRICS_NAMESPACE, shardDimensions } from '../../contract/metrics.js';
import { shardNames } from '../../contract/names.js';
import { status } from '../../operations/status.js';
import { everySoOften, LATELY_MS, type Lately, lately } from '../output/so-far.js';
import { type HourOfMetrics, liveOf } from './live.js';
import { serve } from './server.js';

const REFRESH_MS = 2_000;
/** CloudWatch has a new value each minute. */
const HISTORY_MS = 30_000;
const HOUR_MS = 3_600_000;

/** Serves the page of the status until the signal aborts. */
export async function web(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'region' | 'shards' | 'bridges' | 'hours'>,
  {
    port,
    signal,
    onUrl,
  }: { readonly port: number; readonly signal: AbortSignal; readonly onUrl: (url: string) => void },
): Promise<void> {
  let hour: { readonly at: number; readonly metrics: HourOfMetrics } | undefined;
  let past: Lately | undefined;
  const readLately = everySoOften(LATELY_MS, async () => {
    past = await lately(account, deployment);
  });
  const { url, closed } = await serve({
    port,
    signal,
    pause: () => account.clock.wait(REFRESH_MS, signal),
    async read() {
      const now = account.clock.now();
      // The page does not wait for it: it takes many requests. It never rejects.
      void readLately();
      if (!hour || now.getTime() - hour.at > HISTORY_MS)
        hour = { at: now.getTime(), metrics: await hourOf(account, deployment, now) };
      const state = await status(account, deployment);
      return liveOf(state, deployment, { hour: hour.metrics, ...(past && { past }), at: now });
    },
  });
  onUrl(url);
  await closed;
}

async function hourOf(
  account: Account,
  { name, shards, bridges }: Pick<Deployment, 'name' | 'shards' | 'bridges'>,
  now: Date,
): Promise<HourOfMetrics> {
  const names = shardNames(shards);
  const metric = (
    what: Wanted['name'],
    dimensions: Wanted['dimensions'],
    statistic: Wanted['statistic'],
  ): Wanted => ({ namespace: METRICS_NAMESPACE, name: what, dimensions, statistic });
  const ofStress = bridges ? bridgeDimensions(name) : shardDimensions(name, names[0] ?? 'a');
  const series: Series[] = await metricHistory(
    account,
    [
      ...names.map((shard) => metric(METRICS.participants, shardDimensions(name, shard), 'Maximum')),
      ...names.map((shard) => metric(METRICS.conferences, shardDimensions(name, shard), 'Maximum')),
      metric(METRICS.stress, ofStress, 'Average'),
      metric(METRICS.stress, ofStress, 'Maximum'),
    ],
    { from: new Date(now.getTime() - HOUR_MS), to: new Date(now.getTime() + 60_000), seconds: 60 },
  );
  const none: Series = new Map();
  return {
    people: series.slice(0, names.length),
    meetings: series.slice(names.length, 2 * names.length),
    stress: series.at(-2) ?? none,
    highestStress: series.at(-1) ?? none,
  };
}
