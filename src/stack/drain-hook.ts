import { aws_autoscaling as autoscaling, Duration } from 'aws-cdk-lib';

/** Name of the lifecycle hook at which machines wait until their agent has drained them. */
export const DRAIN_HOOK = 'convoke-drain';

/**
 * Holds a machine that has to leave until its agent says that nobody is on it. An agent that has died stops the
 * heartbeat, and then the machine ends all the same.
 */
export function addDrainHook(group: autoscaling.AutoScalingGroup): void {
  group.addLifecycleHook('Drain', {
    lifecycleHookName: DRAIN_HOOK,
    lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_TERMINATING,
    heartbeatTimeout: Duration.minutes(2),
    defaultResult: autoscaling.DefaultResult.CONTINUE,
  });
}
