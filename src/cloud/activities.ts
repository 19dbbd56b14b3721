import {
  AutoScalingClient,
  DescribeScalingActivitiesCommand,
  paginateDescribeScalingActivities,
} from '@aws-sdk/client-auto-scaling';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** An Auto Scaling activity. */
export interface Activity {
  readonly at: Date;
  /** Unset: it is under way. */
  readonly ended?: Date;
  readonly group: string;
  readonly description: string;
  readonly cause: string;
  readonly status: string;
  /** What went wrong; may be empty. */
  readonly message: string;
}

/** The latest activities of the groups, newest first; none for groups that do not exist. */
export async function activities(account: Account, groups: readonly string[]): Promise<Activity[]> {
  const answers = await Promise.all(
    groups.map((group) =>
      ifThere(
        client(account, AutoScalingClient).send(
          new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 10 }),
        ),
      ),
    ),
  );
  return answers
    .flatMap((answer) => answer?.Activities ?? [])
    .map((activity) => ({
      at: activity.StartTime ?? new Date(0),
      ...(activity.EndTime && { ended: activity.EndTime }),
      group: activity.AutoScalingGroupName ?? '',
      description: activity.Description ?? '',
      cause: activity.Cause ?? '',
      status: activity.StatusCode ?? '',
      message: activity.StatusMessage ?? '',
    }))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
}

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
