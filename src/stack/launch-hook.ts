import { aws_autoscaling as autoscaling, Duration } from 'aws-cdk-lib';
import { LAUNCH_HOOK } from '../contract/names.js';
import { MINUTES_TO_SERVE } from '../contract/template.js';

/**
 * Lets a machine count as in service only once it serves, so that an instance refresh terminates no machine before its
 * successor serves. A machine whose provisioning fails, or takes too long, is terminated.
 */
export function addLaunchHook(group: autoscaling.AutoScalingGroup): void {
  group.addLifecycleHook('Launch', {
    lifecycleHookName: LAUNCH_HOOK,
    lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_LAUNCHING,
    heartbeatTimeout: Duration.minutes(MINUTES_TO_SERVE),
    defaultResult: autoscaling.DefaultResult.ABANDON,
  });
}
