import { describeMachine } from '../../contract/machine-spec.js';
import { readInstanceContext, readSpec } from '../facts.js';
import { instanceMetadata } from '../metadata.js';
import { runBridge } from './bridge/bridge.js';
import { log } from './log.js';
import { awsReporter } from './metrics/reporter.js';
import { runRecorder } from './recorder/recorder.js';
import { runShard } from './shard/shard.js';

/** Runs the agent until the process ends. */
export async function runAgent(): Promise<never> {
  const spec = await readSpec();
  const instance = await readInstanceContext(instanceMetadata());
  const reporter = awsReporter(spec, instance.instanceId);
  log.info(`monitoring ${describeMachine(spec)} on ${instance.instanceId}`);
  switch (spec.role) {
    case 'shard':
      return runShard(spec, instance, reporter);
    case 'bridge':
      return runBridge(spec, instance, reporter);
    case 'recorder':
      return runRecorder(spec, instance, reporter);
  }
}
