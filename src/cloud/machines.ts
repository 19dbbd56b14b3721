import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  BUNDLE_TAG,
  DEPLOYMENT_TAG,
  IMAGE_BUILDER,
  RELEASE_TAG,
  ROLE_TAG,
  SHARD_TAG,
} from '../contract/tags.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** A machine with its states in EC2, Auto Scaling and the load balancer. */
export interface Machine {
  readonly id: string;
  readonly role: string;
  readonly shard: string;
  readonly type: string;
  readonly zone: string;
  readonly publicIp: string;
  readonly privateIp: string;
  readonly launched: Date;
  /** EC2: `pending`, `running`, `shutting-down`, … */
  readonly state: string;
  /** Auto Scaling: `Pending`, `InService`, `Terminating`, …; empty once it is no longer in its group. */
  readonly lifecycle: string;
  /** Load balancer: `initial`, `healthy`, `unhealthy`, `draining`, `unused`; empty if it is not a target. */
  readonly target: string;
  /** Release of Jitsi and node bundle that it was launched with; empty if its launch template names none. */
  readonly release: string;
  readonly bundle: string;
  /** Id of its machine image. */
  readonly image: string;
}

export interface TargetState {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
}

/** The health of each target of a target group; empty if the group does not exist, or none is given. */
export async function targetStates(account: Account, targetGroup: string): Promise<TargetState[]> {
  if (targetGroup === '') return [];
  const answer = await ifThere(
    client(account, ElasticLoadBalancingV2Client).send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }),
    ),
  );
  return (answer?.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => ({
    id: Target?.Id ?? '',
    state: TargetHealth?.State ?? 'unknown',
    reason: TargetHealth?.Description ?? TargetHealth?.Reason ?? '',
  }));
}

/** The deployment's machines that are not terminated, oldest first, without the one that a machine image is made from. */
export async function machines(
  account: Account,
  deployment: string,
  targetGroup: string,
): Promise<Machine[]> {
  const Filters = [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }];
  const [instances, groups, targets] = await Promise.all([
    client(account, EC2Client).send(new DescribeInstancesCommand({ Filters })),
    client(account, AutoScalingClient).send(new DescribeAutoScalingGroupsCommand({ Filters })),
    targetStates(account, targetGroup),
  ]);
  const members = new Map(
    (groups.AutoScalingGroups ?? [])
      .flatMap((g) => g.Instances ?? [])
      .map((m) => [m.InstanceId, m.LifecycleState]),
  );
  return (instances.Reservations ?? [])
    .flatMap((reservation) => reservation.Instances ?? [])
    .filter((instance) => instance.State?.Name !== 'terminated')
    .map((instance) => {
      const tag = (key: string) => instance.Tags?.find((t) => t.Key === key)?.Value ?? '';
      return {
        id: instance.InstanceId ?? '',
        role: tag(ROLE_TAG),
        shard: tag(SHARD_TAG),
        type: instance.InstanceType ?? '',
        zone: instance.Placement?.AvailabilityZone ?? '',
        publicIp: instance.PublicIpAddress ?? '',
        privateIp: instance.PrivateIpAddress ?? '',
        launched: instance.LaunchTime ?? new Date(0),
        state: instance.State?.Name ?? 'unknown',
        lifecycle: members.get(instance.InstanceId) ?? '',
        target: targets.find(({ id }) => id === instance.InstanceId)?.state ?? '',
        release: tag(RELEASE_TAG),
        bundle: tag(BUNDLE_TAG),
        image: instance.ImageId ?? '',
      };
    })
    .filter(({ role }) => role !== IMAGE_BUILDER)
    .sort((a, b) => a.launched.getTime() - b.launched.getTime());
}

/** Ids of the deployment's instances that run, or will. */
export async function runningInstances(account: Account, deployment: string): Promise<string[]> {
  const Filters = [
    { Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] },
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
  ];
  const { Reservations = [] } = await client(account, EC2Client).send(
    new DescribeInstancesCommand({ Filters }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = '' }) => InstanceId);
}

/** Names of the groups that do not exist. */
export async function absentGroups(account: Account, names: readonly string[]): Promise<string[]> {
  const answer = await client(account, AutoScalingClient).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
  );
  const there = (answer.AutoScalingGroups ?? []).map(({ AutoScalingGroupName }) => AutoScalingGroupName);
  return names.filter((name) => !there.includes(name));
}
