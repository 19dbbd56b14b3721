import {
  type _InstanceType,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client } from './clients.js';

export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  /** As EC2 names them: `arm64`, `x86_64`. */
  readonly architectures: readonly string[];
}

/** What AWS says of instance types; the ones that do not exist in the region are not in it. */
export async function instanceTypes(account: Account, names: readonly string[]): Promise<InstanceType[]> {
  // By filter, since naming one that does not exist would be an error about all.
  const answer = await client(account, EC2Client).send(
    new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: [...names] }] }),
  );
  return (answer.InstanceTypes ?? []).map((type) => ({
    name: type.InstanceType as _InstanceType,
    vcpus: type.VCpuInfo?.DefaultVCpus ?? 0,
    architectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
  }));
}

/** Zones in which each instance type is offered. */
export async function offeredIn(
  account: Account,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const answer = await client(account, EC2Client).send(
    new DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: [...names] }],
    }),
  );
  const zones = new Map<string, string[]>(names.map((name) => [name, []]));
  for (const { InstanceType = '', Location = '' } of answer.InstanceTypeOfferings ?? [])
    zones.get(InstanceType)?.push(Location);
  return zones;
}

/**
 * The first two zones as CloudFormation counts them (`Fn::GetAZs`), which the deployment's subnets are in: those with a
 * default subnet, or all where there is none.
 */
export async function deploymentZones(account: Account): Promise<string[]> {
  const ec2 = client(account, EC2Client);
  const [zones, subnets] = await Promise.all([
    ec2.send(
      new DescribeAvailabilityZonesCommand({
        Filters: [{ Name: 'zone-type', Values: ['availability-zone'] }],
      }),
    ),
    ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] })),
  ]);
  const all = (zones.AvailabilityZones ?? []).map(({ ZoneName = '' }) => ZoneName).sort();
  const withDefault = new Set((subnets.Subnets ?? []).map(({ AvailabilityZone }) => AvailabilityZone));
  const counted = all.filter((zone) => withDefault.has(zone));
  return (counted.length ? counted : all).slice(0, 2);
}
