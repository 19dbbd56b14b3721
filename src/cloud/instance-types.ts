import {
  type _InstanceType,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import type { Account } from './account.js';
import { client } from './clients.js';

export interface InstanceType {
  readonly name: string;
  readonly vcpus: number;
  /** GiB; unset where AWS does not say. */
  readonly memory?: number;
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
    ...(type.MemoryInfo?.SizeInMiB && { memory: type.MemoryInfo.SizeInMiB / 1024 }),
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

/** Zones that the account may use in the region, by name. Names mean other zones in other accounts. */
export async function availabilityZones(account: Account): Promise<string[]> {
  const answer = await client(account, EC2Client).send(
    new DescribeAvailabilityZonesCommand({
      Filters: [
        { Name: 'zone-type', Values: ['availability-zone'] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  );
  return (answer.AvailabilityZones ?? []).map(({ ZoneName = '' }) => ZoneName).sort();
}
