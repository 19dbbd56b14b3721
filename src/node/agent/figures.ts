import { METRICS } from '../../capacity/metrics.js';
import type { CellHealth } from './health.js';
import type { BridgeObservation, CellObservation } from './observation.js';

/** What is published. Each is a custom metric and costs money, so there are no more than these. */
export interface Figure {
  readonly name: (typeof METRICS)[keyof typeof METRICS];
  readonly value: number;
  readonly unit: 'None' | 'Count';
}

type Line = [Figure['name'], number | undefined, Figure['unit']];

/** What was not seen is left out: a zero in its place would look like an empty night, and scale bridges in. */
const figures = (lines: readonly Line[]): Figure[] =>
  lines.flatMap(([name, value, unit]) => (value === undefined ? [] : [{ name, value, unit }]));

export function cellFigures(seen: CellObservation, { shard }: CellHealth): Figure[] {
  const statistics = seen.jicofo?.statistics;
  return figures([
    [METRICS.stress, seen.bridge?.statistics?.stress, 'None'],
    [METRICS.participants, statistics?.participants, 'Count'],
    [METRICS.conferences, statistics?.conferences, 'Count'],
    [METRICS.bridges, statistics?.operationalBridges, 'Count'],
    [METRICS.shardHealthy, shard.healthy ? 1 : 0, 'None'],
    [METRICS.updates, seen.updates, 'Count'],
  ]);
}

/** A bridge that is leaving has no stress to be counted: it is not one that people are put on, nor one that may go. */
export function bridgeFigures({ bridge, updates }: BridgeObservation, leaving: boolean): Figure[] {
  const statistics = bridge?.statistics;
  return figures([
    [METRICS.stress, leaving || statistics?.draining ? undefined : statistics?.stress, 'None'],
    [METRICS.bridgeParticipants, statistics?.participants, 'Count'],
    [METRICS.updates, updates, 'Count'],
  ]);
}
