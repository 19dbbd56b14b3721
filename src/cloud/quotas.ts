import {
  AutoScalingClient,
  DescribeAccountLimitsCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { DEPLOYMENT_TAG } from '../contract/tags.js';
import type { Account } from './account.js';
import { client, isAbsent } from './clients.js';

/** The account's quota in the region: the applied value, or else the default. */
export async function quota(account: Account, service: string, code: string): Promise<number> {
  const quotas = client(account, ServiceQuotasClient);
  const which = { ServiceCode: service, QuotaCode: code };
  try {
    return Number((await quotas.send(new GetServiceQuotaCommand(which))).Quota?.Value);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return Number((await quotas.send(new GetAWSDefaultServiceQuotaCommand(which))).Quota?.Value);
  }
}

/** Any EC2 instance of the account. */
export interface RunningMachine {
  readonly type: string;
  readonly vcpus: number;
  readonly spot: boolean;
}

/** All running instances in the region, without those of a deployment. */
export async function othersMachines(account: Account, deployment: string): Promise<RunningMachine[]> {
  const found: RunningMachine[] = [];
  let token: string | undefined;
  do {
    const answer = await client(account, EC2Client).send(
      new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running'] }],
        NextToken: token,
      }),
    );
    for (const instance of (answer.Reservations ?? []).flatMap((r) => r.Instances ?? [])) {
      if (instance.Tags?.some(({ Key, Value }) => Key === DEPLOYMENT_TAG && Value === deployment)) continue;
      found.push({
        type: instance.InstanceType ?? '',
        vcpus: (instance.CpuOptions?.CoreCount ?? 0) * (instance.CpuOptions?.ThreadsPerCore ?? 1),
        spot: instance.InstanceLifecycle === 'spot',
      });
    }
    token = answer.NextToken;
  } while (token);
  return found;
}

/** Number of VPCs in the region, without those of a deployment. */
export async function othersVpcs(account: Account, deployment: string): Promise<number> {
  const { Vpcs = [] } = await client(account, EC2Client).send(new DescribeVpcsCommand({}));
  return Vpcs.filter(
    ({ Tags }) => !Tags?.some(({ Key, Value }) => Key === DEPLOYMENT_TAG && Value === deployment),
  ).length;
}

/** Number of load balancers of a type in the region, without the one with this name. */
export async function othersBalancers(
  account: Account,
  kind: 'application' | 'network',
  name: string,
): Promise<number> {
  const { LoadBalancers = [] } = await client(account, ElasticLoadBalancingV2Client).send(
    new DescribeLoadBalancersCommand({}),
  );
  return LoadBalancers.filter((b) => b.Type === kind && b.LoadBalancerName !== name).length;
}

/** Quota of Auto Scaling groups in the region, and their number without those of a deployment. */
export async function groupLimits(
  account: Account,
  deployment: string,
): Promise<{ most: number; now: number }> {
  const autoscaling = client(account, AutoScalingClient);
  const [limits, own] = await Promise.all([
    autoscaling.send(new DescribeAccountLimitsCommand({})),
    autoscaling.send(
      new DescribeAutoScalingGroupsCommand({
        Filters: [{ Name: `tag:${DEPLOYMENT_TAG}`, Values: [deployment] }],
      }),
    ),
  ]);
  return {
    most: limits.MaxNumberOfAutoScalingGroups ?? Number.NaN,
    now: (limits.NumberOfAutoScalingGroups ?? Number.NaN) - (own.AutoScalingGroups?.length ?? 0),
  };
}
