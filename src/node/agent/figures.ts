import type { Health } from './health.js';
import type { Observation } from './observation.js';

/** What is published each minute. Each is a custom metric and costs money, so there are no more than these. */
export interface Figure {
  readonly name: 'Stress' | 'Participants' | 'Conferences' | 'Bridges' | 'ShardHealthy';
  readonly value: number;
  readonly unit: 'None' | 'Count';
}

/** What was not seen is left out: a zero in its place would look like an empty night, and scale bridges in. */
export function figures(seen: Observation, { shard }: Health): Figure[] {
  const statistics = seen.jicofo?.statistics;
  const all: [Figure['name'], number | undefined, Figure['unit']][] = [
    ['Stress', seen.bridge?.stress, 'None'],
    ['Participants', statistics?.participants, 'Count'],
    ['Conferences', statistics?.conferences, 'Count'],
    ['Bridges', statistics?.operationalBridges, 'Count'],
    ['ShardHealthy', shard.healthy ? 1 : 0, 'None'],
  ];
  return all.flatMap(([name, value, unit]) => (value === undefined ? [] : [{ name, value, unit }]));
}
