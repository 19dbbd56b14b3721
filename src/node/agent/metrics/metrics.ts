import { METRICS, type MetricName } from '../../../contract/metrics.js';
import type { FreeResources } from '../health/free-resources.js';
import type { ShardHealth } from '../health/health.js';
import type {
  BridgeObservation,
  BridgeStatistics,
  Jicofo,
  RecorderObservation,
  ShardObservation,
} from '../observation.js';

/** Every published metric is a custom metric that costs money, so there are no more than these. */
export interface MetricValue {
  readonly name: MetricName;
  readonly value: number;
  readonly unit: 'None' | 'Count' | 'Megabytes' | 'Percent';
}

type JicofoStatistics = NonNullable<Jicofo['statistics']>;

type Line = [MetricValue['name'], number | undefined, MetricValue['unit']];

/** Missing values are left out: a zero would look like an idle period and scale bridges in. */
const metrics = (lines: readonly Line[]): MetricValue[] =>
  lines.flatMap(([name, value, unit]) => (value === undefined ? [] : [{ name, value, unit }]));

/**
 * `lostBridges`: whether the shard has been without a bridge for too long. `ready`: the number of recorders that are to wait while
 * anybody meets; undefined if there are no recorders.
 */
export function shardMetrics(
  seen: ShardObservation,
  { shard }: ShardHealth,
  lostBridges: boolean,
  ready?: number | undefined,
): MetricValue[] {
  const statistics = seen.jicofo?.statistics;
  return metrics([
    [METRICS.stress, seen.bridge?.statistics?.stress, 'None'],
    [METRICS.participants, statistics && people(statistics), 'Count'],
    [METRICS.conferences, statistics?.conferences, 'Count'],
    [METRICS.bridges, statistics?.operationalBridges, 'Count'],
    [METRICS.shardHealthy, shard.healthy ? 1 : 0, 'None'],
    ...waiting(seen.updates),
    [METRICS.withoutBridges, lostBridges ? 1 : undefined, 'Count'],
    [METRICS.recordersLacking, recordersLacking(statistics, ready), 'Count'],
    loss(seen.bridge?.statistics),
    ...resources(seen.free),
  ]);
}

/** A recorder that is on its way out may be missing among the participants already. */
const people = ({ participants, recorders = 0 }: JicofoStatistics): number =>
  Math.max(0, participants - recorders);

const waiting = (updates: number | undefined): Line[] => [
  [METRICS.updates, updates, 'Count'],
  [METRICS.waitingUpdates, updates, 'Count'],
];

const resources = (free: FreeResources | undefined): Line[] => [
  [METRICS.disk, free?.disk, 'Megabytes'],
  [METRICS.memory, free?.memory, 'Megabytes'],
];

/** Unknown while Jicofo does not answer: recorders then neither come nor go. */
export function recordersLacking(
  statistics: JicofoStatistics | undefined,
  ready: number | undefined,
): number | undefined {
  if (!statistics || ready === undefined) return undefined;
  return (people(statistics) > 0 ? ready : 0) - (statistics.idleRecorders ?? 0);
}

/** `notUploaded`: recordings that could not be uploaded for minutes. */
export function recorderMetrics(
  { jibri, updates, free }: RecorderObservation,
  notUploaded: number,
): MetricValue[] {
  return metrics([
    [METRICS.recorderBusy, jibri && (jibri.busy ? 1 : 0), 'None'],
    [METRICS.notUploaded, notUploaded || undefined, 'Count'],
    ...waiting(updates),
    ...resources(free),
  ]);
}

/** A draining bridge publishes no stress: it takes no participants, and must not count for scaling. */
export function bridgeMetrics({ bridge, updates, free }: BridgeObservation, leaving: boolean): MetricValue[] {
  const statistics = bridge?.statistics;
  return metrics([
    [METRICS.stress, leaving || statistics?.draining ? undefined : statistics?.stress, 'None'],
    [METRICS.bridgeParticipants, statistics?.participants, 'Count'],
    ...waiting(updates),
    loss(statistics),
    ...resources(free),
  ]);
}

/** Without participants there are no packets, and nothing is published, which costs nothing. */
const loss = (statistics: BridgeStatistics | undefined): Line => [
  METRICS.loss,
  statistics?.loss !== undefined && statistics.participants > 0 ? 100 * statistics.loss : undefined,
  'Percent',
];

/** Failed connections since the last value that was published; if there are none, nothing is. */
export function iceMetrics(published: number | undefined, now: number | undefined): MetricValue[] {
  // A Videobridge that was restarted counts from 0.
  const failed = now === undefined || published === undefined ? 0 : now < published ? now : now - published;
  return metrics([[METRICS.iceFailed, failed || undefined, 'Count']]);
}
