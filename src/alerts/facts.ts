import { type AutoScalingClient, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isFailure } from './event.js';

const MINUTE = 60_000;
/** After a planned termination the next machine takes some minutes to serve. */
const PLANNED_FOR = 10 * MINUTE;

/** An activity of an Auto Scaling group. */
export interface Activity {
  readonly description: string;
  readonly cause: string;
  /** Undefined: it goes on. */
  readonly ended?: Date | undefined;
}

/** Whether a termination that nobody has to be told about goes on, or ended shortly before. */
export const isPlanned = (activities: readonly Activity[], at: Date): boolean =>
  activities.some(
    ({ description, cause, ended }) =>
      description.startsWith('Terminating') &&
      !isFailure(cause) &&
      (ended === undefined || at.getTime() - ended.getTime() <= PLANNED_FOR),
  );

/** The latest activities of some groups. */
export async function activities(client: AutoScalingClient, groups: readonly string[]): Promise<Activity[]> {
  const answers = await Promise.all(
    groups.map((group) =>
      client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 20 })),
    ),
  );
  return answers.flatMap(({ Activities = [] }) =>
    Activities.map(({ Description = '', Cause = '', EndTime }) => ({
      description: Description,
      cause: Cause,
      ended: EndTime,
    })),
  );
}

/** How long a shard's new machine may take. Lambda ends a function after 15 minutes. */
const SERVES_WITHIN = 14 * MINUTE;
/** Auto Scaling registers a machine with the load balancer about when it says that it was launched. */
const REGISTERED_WITHIN = 2 * MINUTE;

/**
 * Waits until the load balancer sends requests to a machine. `gone`: it is not registered any more, so there will be
 * other events about it.
 */
export async function waitUntilServing(
  client: ElasticLoadBalancingV2Client,
  targetGroup: string,
  machine: string,
  clock: { readonly now: () => number; readonly wait: (ms: number) => Promise<unknown> },
): Promise<'serves' | 'silent' | 'gone'> {
  const began = clock.now();
  for (let looks = 0; ; looks++) {
    const { TargetHealthDescriptions = [] } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup, Targets: [{ Id: machine }] }),
    );
    const health = TargetHealthDescriptions[0]?.TargetHealth;
    if (health?.State === 'healthy') return 'serves';
    const waited = clock.now() - began;
    const isThere = health !== undefined && health.State !== 'unused' && health.State !== 'draining';
    if (!isThere && waited > REGISTERED_WITHIN) return 'gone';
    if (waited > SERVES_WITHIN) return 'silent';
    // Soon at first: a prepared machine serves within seconds.
    await clock.wait(looks < 15 ? 2_000 : 10_000);
  }
}
