import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  type LaunchTemplateSpecification,
  type MixedInstancesPolicy,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client } from './clients.js';

/** An Auto Scaling group, and what its members were launched from. */
export interface Group {
  readonly name: string;
  readonly desired: number;
  /** Id of its launch template. */
  readonly template: string;
  /** The version of the launch template that it launches. */
  readonly version: string;
  /** Its instance types and purchase options; undefined if it has only those of the launch template. */
  readonly mixed: MixedInstancesPolicy | undefined;
  readonly members: readonly Member[];
}

export interface Member {
  readonly id: string;
  readonly lifecycle: string;
  /** The version of the launch template that it was launched from. */
  readonly version: string;
}

/** Whether a member no longer counts: it is drained, or ends. */
export const isLeaving = (lifecycle: string): boolean => /^(Terminat|Detach)/.test(lifecycle);

/** The groups with these names that exist. */
export async function groupsNamed(account: Account, names: readonly string[]): Promise<Group[]> {
  if (names.length === 0) return [];
  const answer = await client(account, AutoScalingClient).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [...names] }),
  );
  return (answer.AutoScalingGroups ?? []).map((group) => {
    const mixed = group.MixedInstancesPolicy;
    const template = mixed?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate;
    return {
      name: group.AutoScalingGroupName ?? '',
      desired: group.DesiredCapacity ?? 0,
      template: template?.LaunchTemplateId ?? '',
      version: template?.Version ?? '',
      mixed,
      members: (group.Instances ?? []).map((member) => ({
        id: member.InstanceId ?? '',
        lifecycle: member.LifecycleState ?? '',
        version: member.LaunchTemplate?.Version ?? '',
      })),
    };
  });
}

/** Sets the limits of a group's size, and has it run as many machines as the lower one. */
export async function resize(
  account: Account,
  AutoScalingGroupName: string,
  { min, max }: { readonly min: number; readonly max: number },
): Promise<void> {
  await client(account, AutoScalingClient).send(
    new UpdateAutoScalingGroupCommand({
      AutoScalingGroupName,
      MinSize: min,
      MaxSize: max,
      DesiredCapacity: min,
    }),
  );
}

/** A version of a launch template. */
export interface TemplateVersion {
  readonly version: string;
  readonly data: ResponseLaunchTemplateData;
}

/** Versions of a launch template, by number or as `$Latest`; those that do not exist are left out. */
export async function templateVersions(
  account: Account,
  template: string,
  versions: readonly string[],
): Promise<TemplateVersion[]> {
  const answer = await client(account, EC2Client).send(
    new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: template,
      Versions: [...new Set(versions)],
    }),
  );
  return (answer.LaunchTemplateVersions ?? []).map(({ VersionNumber, LaunchTemplateData }) => ({
    version: String(VersionNumber ?? ''),
    data: LaunchTemplateData ?? {},
  }));
}

/** An instance refresh of a group. */
export interface Refresh {
  readonly id: string;
  readonly status: string;
  /** Why it has this status, in the words of AWS; may be empty. */
  readonly reason: string;
  /** The version of the launch template that machines are replaced with; empty if it names none. */
  readonly version: string;
}

/** The latest instance refresh of a group; undefined if it never had one. */
export async function latestRefresh(account: Account, group: string): Promise<Refresh | undefined> {
  const answer = await client(account, AutoScalingClient).send(
    new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: 1 }),
  );
  const [latest] = answer.InstanceRefreshes ?? [];
  if (!latest) return undefined;
  const { LaunchTemplate, MixedInstancesPolicy: mixed } = latest.DesiredConfiguration ?? {};
  const wanted = LaunchTemplate ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  return {
    id: latest.InstanceRefreshId ?? '',
    status: latest.Status ?? '',
    reason: latest.StatusReason ?? '',
    version: wanted?.Version ?? '',
  };
}

export interface RefreshWanted {
  /** Machines with another version are replaced. */
  readonly version: string;
  /** Seconds from when a machine is in service until an old one is terminated. */
  readonly warmup: number;
  /** Machines that are launched in addition to the group's size. */
  readonly atOnce: number;
  /** Names of alarms that stop it. */
  readonly alarms: readonly string[];
  /** Whether Auto Scaling goes back to the version that the group has if the refresh fails. */
  readonly rollsBack: boolean;
}

/**
 * Starts to replace the machines of a group. New machines are launched before old ones are terminated.
 * Returns the id.
 */
export async function startRefresh(
  account: Account,
  group: Group,
  { version, warmup, atOnce, alarms, rollsBack }: RefreshWanted,
): Promise<string> {
  const template: LaunchTemplateSpecification = { LaunchTemplateId: group.template, Version: version };
  const { mixed } = group;
  const answer = await client(account, AutoScalingClient).send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: group.name,
      DesiredConfiguration: mixed
        ? {
            MixedInstancesPolicy: {
              ...mixed,
              LaunchTemplate: { ...mixed.LaunchTemplate, LaunchTemplateSpecification: template },
            },
          }
        : { LaunchTemplate: template },
      Preferences: {
        MinHealthyPercentage: 100,
        MaxHealthyPercentage: 100 + Math.min(100, Math.ceil((100 * atOnce) / Math.max(1, group.desired))),
        InstanceWarmup: warmup,
        SkipMatching: true,
        AutoRollback: rollsBack,
        ...(alarms.length > 0 && { AlarmSpecification: { Alarms: [...alarms] } }),
      },
    }),
  );
  return answer.InstanceRefreshId ?? '';
}

/** Has Auto Scaling undo the instance refresh that is in progress. */
export async function rollBackRefresh(account: Account, group: string): Promise<void> {
  await client(account, AutoScalingClient).send(
    new RollbackInstanceRefreshCommand({ AutoScalingGroupName: group }),
  );
}
