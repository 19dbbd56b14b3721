import { log, sentence } from '../log.js';
import type { Videobridge } from './videobridge.js';

/**
 * Warms a bridge up, and lets it have participants. A bridge that fails its warm-up may still hold meetings, so it is
 * opened in any case. Rejects if Videobridge does not answer.
 */
export async function openWarm(bridge: Pick<Videobridge, 'warmUp' | 'drain'>): Promise<void> {
  await bridge.warmUp().then(
    ({ packets }) => log.info(`warmed up: the bridge forwarded ${packets} packets`),
    (error: unknown) => log.warning(`warm-up failed: ${sentence(error)}`),
  );
  await bridge.drain(false);
}

/** Opens a co-located bridge that has just started: Videobridge starts drained, and nothing else drains it. */
export async function openColocated(bridge: Pick<Videobridge, 'status' | 'warmUp' | 'drain'>): Promise<void> {
  if ((await bridge.status())?.statistics?.draining) await openWarm(bridge);
}
