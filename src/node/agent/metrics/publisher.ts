import type { Bridge } from '../observation.js';
import { iceMetrics, type MetricValue } from './metrics.js';
import type { Reporter } from './reporter.js';

/**
 * Publishes a machine's metrics, with the connections to its bridge that failed since it last published. Failures of a
 * round that could not be published are in the next one.
 */
export function publisher(
  reporter: Pick<Reporter, 'publish'>,
): (metrics: readonly MetricValue[], bridge: Bridge | undefined) => Promise<void> {
  let published: number | undefined;
  return async (metrics, bridge) => {
    const failed = bridge?.statistics?.iceFailed;
    await reporter.publish([...metrics, ...iceMetrics(published, failed)], new Date());
    published = failed ?? published;
  };
}
