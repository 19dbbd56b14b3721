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
  /** GiB; unset if unknown. */
  readonly memory?: number;
  /** As EC2 names them: `arm64`, `x86_64`. */
  readonly architectures: readonly string[];
}

/** Describes instance types, without those that do not exist in the region. */
export async function instanceTypes(account: Account, names: readonly string[]): Promise<InstanceType[]> {
  // With a filter, because a single unknown name in `InstanceTypes` fails the whole request.
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

/** Availability zones that offer each instance type. */
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

/** Names of the account's availability zones in the region. In other accounts, the same names may mean other zones. */
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
