import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { DRAIN_FLAG } from '../../../contract/machine-layout.js';
import type { Metadata } from '../../metadata.js';
import { log } from '../journal.js';
import type { TerminationSignals } from './drain.js';

const InstanceAction = z.object({ time: z.iso.datetime() });

/** Reads who calls this machine away. `metadata` should ask once and not again: it is asked every two seconds anyway. */
export async function terminationSignals(metadata: Metadata): Promise<() => Promise<TerminationSignals>> {
  const unknown = () => undefined;
  const spot = (await metadata.readIfThere('instance-life-cycle').catch(unknown)) === 'spot';
  let recommended = false;

  /** AWS thinks that it may take the machine back. Auto Scaling has then started another already, and will say the rest. */
  async function noteRecommendation(): Promise<void> {
    if (recommended) return;
    recommended =
      (await metadata.readIfThere('events/recommendations/rebalance').catch(unknown)) !== undefined;
    if (recommended) log('AWS says that it may soon take this spot machine back');
  }

  return async () => {
    const [target, action, asked] = await Promise.all([
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
      asked,
    };
  };
}

/** When AWS takes the machine, in milliseconds since the epoch; undefined where its notice cannot be read. */
export function spotEnd(notice: string): number | undefined {
  try {
    return Date.parse(InstanceAction.parse(JSON.parse(notice)).time);
  } catch {
    return undefined;
  }
}
