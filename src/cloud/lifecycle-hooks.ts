import {
  AutoScalingClient,
  DeleteLifecycleHookCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeLifecycleHooksCommand,
} from '@aws-sdk/client-auto-scaling';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/**
 * Removes the lifecycle hooks of a deployment's Auto Scaling groups, because machines waiting at a hook block the
 * deletion of the stack. Returns the number of removed hooks.
 */
export async function releaseHooks(account: Account, deployment: string): Promise<number> {
  const autoscaling = client(account, AutoScalingClient);
  const { AutoScalingGroups: groups = [] } = await autoscaling.send(
    new DescribeAutoScalingGroupsCommand({
      Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }],
    }),
  );
  let released = 0;
  for (const { AutoScalingGroupName, Tags } of groups) {
    if (!Tags?.some(({ Key, Value }) => Key === DEPLOYMENT_TAG && Value === deployment)) continue;
    const { LifecycleHooks: hooks = [] } = await autoscaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName }),
    );
    for (const { LifecycleHookName } of hooks) {
      await ifThere(
        autoscaling.send(new DeleteLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName })),
      );
      released += 1;
    }
  }
  return released;
}
