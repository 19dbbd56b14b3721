import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { DRAIN_FLAG } from '../../../contract/machine-layout.js';
import type { Metadata } from '../../metadata.js';
import { log } from '../log.js';
import type { TerminationSignals } from './drain.js';

const InstanceAction = z.object({ time: z.iso.datetime() });

/** Reads reasons for draining. `metadata` should not retry: it is read again every two seconds. */
export async function terminationSignals(metadata: Metadata): Promise<() => Promise<TerminationSignals>> {
  const unknown = () => undefined;
  const spot = (await metadata.readIfThere('instance-life-cycle').catch(unknown)) === 'spot';
  let recommended = false;

  /**
   * A rebalance recommendation is only logged: Auto Scaling launches a replacement and then signals the termination
   * itself.
   */
  async function noteRecommendation(): Promise<void> {
    if (recommended) return;
    recommended =
      (await metadata.readIfThere('events/recommendations/rebalance').catch(unknown)) !== undefined;
    if (recommended) log.info('rebalance recommendation: AWS may interrupt this spot instance soon');
  }

  return async () => {
    const [target, action, requested] = await Promise.all([
      metadata.readIfThere('autoscaling/target-lifecycle-state').then((state) => state ?? null, unknown),
      spot ? metadata.readIfThere('spot/instance-action').then((text) => text ?? null, unknown) : null,
      stat(DRAIN_FLAG).then(
        () => true,
        (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? false : undefined),
      ),
      spot ? noteRecommendation() : undefined,
    ]);
    return {
      terminating: target === undefined ? undefined : target === 'Terminated',
      spotEnd: typeof action === 'string' ? spotEnd(action) : action,
      requested,
    };
  };
}

/** When AWS interrupts the instance, in milliseconds since the epoch; undefined if the notice cannot be parsed. */
export function spotEnd(notice: string): number | undefined {
  try {
    return Date.parse(InstanceAction.parse(JSON.parse(notice)).time);
  } catch {
    return undefined;
  }
}
