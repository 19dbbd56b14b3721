import { AutoScalingClient, paginateDescribeScalingActivities } from '@aws-sdk/client-auto-scaling';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** A machine that Auto Scaling terminated. */
export interface Termination {
  readonly at: Date;
  readonly group: string;
  readonly machine: string;
  readonly cause: string;
}

/** The machines that a group has terminated since then, oldest first. Auto Scaling knows those of the last six weeks. */
export async function terminations(account: Account, group: string, since: Date): Promise<Termination[]> {
  const found: Termination[] = [];
  const read = async () => {
    const pages = paginateDescribeScalingActivities(
      { client: client(account, AutoScalingClient) },
      { AutoScalingGroupName: group, MaxRecords: 100 },
    );
    for await (const { Activities = [] } of pages)
      for (const { StartTime, Description = '', Cause = '' } of Activities) {
        // Newest first.
        if (!StartTime || StartTime < since) return;
        const machine = /^Terminating EC2 instance: (i-[0-9a-f]+)/.exec(Description)?.[1];
        if (machine) found.push({ at: StartTime, group, machine, cause: Cause });
      }
  };
  await ifThere(read());
  return found.reverse();
}
