import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import type { MachineSpec } from '../../contract/machine-spec.js';
import { LAUNCH_HOOK } from '../../contract/names.js';
import { readInstanceContext } from '../facts.js';
import { instanceCredentials, instanceMetadata } from '../metadata.js';
import type { Log } from './log.js';

/**
 * Tells Auto Scaling that this machine serves (`CONTINUE`), or that it never will (`ABANDON`), so that it is replaced.
 * Nothing waits for that if the machine was launched before the hook existed, or is provisioned again.
 */
export async function completeLaunch(
  { region, group }: Pick<MachineSpec, 'region' | 'group'>,
  result: 'CONTINUE' | 'ABANDON',
  log: Log,
): Promise<void> {
  try {
    const { instanceId } = await readInstanceContext(instanceMetadata());
    await new AutoScalingClient({ region, credentials: instanceCredentials, maxAttempts: 8 }).send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: group,
        LifecycleHookName: LAUNCH_HOOK,
        InstanceId: instanceId,
        LifecycleActionResult: result,
      }),
    );
  } catch (error) {
    if (/No active Lifecycle Action/.test(String(error))) return;
    log(
      `Could not report to Auto Scaling that this machine ${result === 'CONTINUE' ? 'serves' : 'failed'}: ${String(error)}`,
    );
  }
}
