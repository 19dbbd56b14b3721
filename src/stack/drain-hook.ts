import { aws_autoscaling as autoscaling, Duration } from 'aws-cdk-lib';

/** Name of the lifecycle hook at which machines wait until they are drained. */
export const DRAIN_HOOK = 'convoke-drain';

/** Minutes without a heartbeat after which a machine is terminated. */
const TIMEOUT = 2;

/**
 * Delays a machine's termination until its agent reports that it is empty. If the agent fails, its heartbeat stops,
 * and the machine is terminated.
 */
export function addDrainHook(group: autoscaling.AutoScalingGroup, timeout = TIMEOUT): void {
  group.addLifecycleHook('Drain', {
    lifecycleHookName: DRAIN_HOOK,
    lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_TERMINATING,
    heartbeatTimeout: Duration.minutes(timeout),
    defaultResult: autoscaling.DefaultResult.CONTINUE,
  });
}
