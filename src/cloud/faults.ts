import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Terminates machines without an operating system shutdown, like a power loss. Auto Scaling replaces them. */
export async function cutPower(account: Account, ids: readonly string[]): Promise<void> {
  await client(account, EC2Client).send(
    new TerminateInstancesCommand({ InstanceIds: [...ids], SkipOsShutdown: true }),
  );
}

/** Terminates a machine through its Auto Scaling group and the group's lifecycle hooks. Auto Scaling replaces it. */
export async function leaveGroup(account: Account, id: string): Promise<void> {
  await client(account, AutoScalingClient).send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: id,
      ShouldDecrementDesiredCapacity: false,
    }),
  );
}
