import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { MachineSpec } from '../../contract/machine-spec.js';
import { DEPLOYMENT_TAG, ROLE_TAG, SHARD_TAG } from '../../contract/tags.js';
import { ClusterMember, type ClusterMembers } from '../facts.js';
import { instanceCredentials } from '../metadata.js';

/** The fields of EC2's response that are used. Any may be missing while a machine starts or ends. */
const Instance = z.object({
  InstanceId: z.string(),
  PrivateIpAddress: z.string().optional(),
  LaunchTime: z.date().optional(),
  Placement: z.object({ AvailabilityZone: z.string().optional() }).optional(),
  State: z.object({ Name: z.string() }),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});
type Instance = z.infer<typeof Instance>;

/** Lists the deployment's other machines in EC2. Rejects if EC2 does not answer. */
export type Discover = () => Promise<ClusterMembers>;

export function discovery(spec: MachineSpec, self: string): Discover {
  const client = new EC2Client({ region: spec.region, credentials: instanceCredentials, maxAttempts: 3 });
  const question = {
    Filters: [
      { Name: `tag:${DEPLOYMENT_TAG}`, Values: [spec.deployment] },
      { Name: 'instance-state-name', Values: ['running'] },
    ],
  };
  return async () => {
    const instances: unknown[] = [];
    for await (const page of paginateDescribeInstances({ client }, question)) {
      instances.push(...(page.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []));
    }
    return clusterMembers(instances, self);
  };
}

/**
 * The other running machines, ordered by id, so that the same machines always render the same files. Machines without
 * an address, or with a role that this release does not know, are left out.
 *
 * A response that does not contain this machine itself is stale or incomplete. It is rejected, because using it would
 * route everybody away from machines that exist.
 */
export function clusterMembers(instances: readonly unknown[], self: string): ClusterMembers {
  const running = instances
    .map((instance) => Instance.parse(instance))
    .filter(({ State }) => State.Name === 'running');
  const launched = running.find(({ InstanceId }) => InstanceId === self)?.LaunchTime?.getTime();
  if (launched === undefined) {
    throw new Error(`EC2 lists ${running.length} running machines, and ${self} is not one of them`);
  }
  const others = running
    .filter(({ InstanceId }) => InstanceId !== self)
    .flatMap((instance) => ClusterMember.safeParse(describe(instance)).data ?? [])
    .sort((one, other) => (one.instanceId < other.instanceId ? -1 : 1));
  return { launched, others };
}

function describe({ InstanceId, PrivateIpAddress, LaunchTime, Placement, Tags }: Instance): unknown {
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  const role = tag(ROLE_TAG);
  return {
    role,
    ...(role === 'shard' && { shard: tag(SHARD_TAG) }),
    instanceId: InstanceId,
    privateAddress: PrivateIpAddress,
    zone: Placement?.AvailabilityZone,
    launched: LaunchTime?.getTime(),
  };
}
