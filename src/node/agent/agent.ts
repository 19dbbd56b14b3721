import { describeMachine } from '../../contract/machine-spec.js';
import { readInstanceContext, readSpec } from '../facts.js';
import { instanceMetadata } from '../metadata.js';
import { runBridge } from './bridge/bridge.js';
import { log } from './journal.js';
import { reportTo } from './metrics/report.js';
import { runShard } from './shard/shard.js';

/** Looks, decides, tells; until it is ended. */
export async function runAgent(): Promise<never> {
  const spec = await readSpec();
  const instance = await readInstanceContext(instanceMetadata());
  const report = reportTo(spec, instance.instanceId);
  log(`looking after ${describeMachine(spec)} on ${instance.instanceId}`);
  return spec.role === 'shard' ? runShard(spec, instance, report) : runBridge(spec, instance, report);
}
