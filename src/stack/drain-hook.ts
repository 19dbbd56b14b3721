import { aws_autoscaling as autoscaling, Duration } from 'aws-cdk-lib';

/** Name of the lifecycle hook at which machines wait until they are drained. */
export const DRAIN_HOOK = 'convoke-drain';

/**
 * Delays a machine's termination until its agent reports that it is empty. If the agent fails, its heartbeat stops,
 * and the machine is terminated.
 */
export function addDrainHook(group: autoscaling.AutoScalingGroup): void {
  group.addLifecycleHook('Drain', {
    lifecycleHookName: DRAIN_HOOK,
    lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_TERMINATING,
    heartbeatTimeout: Duration.minutes(2),
    defaultResult: autoscaling.DefaultResult.CONTINUE,
  });
}
