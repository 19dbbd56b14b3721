import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Ends machines as a power cut does: nothing on them is shut down. Their groups replace them. */
export async function cutPower(account: Account, ids: readonly string[]): Promise<void> {
  await client(account, EC2Client).send(
    new TerminateInstancesCommand({ InstanceIds: [...ids], SkipOsShutdown: true }),
  );
}

/** Has a machine leave its group in good order: through the group's lifecycle hooks. Another takes its place. */
export async function leaveGroup(account: Account, id: string): Promise<void> {
  await client(account, AutoScalingClient).send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: id,
      ShouldDecrementDesiredCapacity: false,
    }),
  );
}
