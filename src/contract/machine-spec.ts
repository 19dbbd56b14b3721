import { z } from 'zod';
import { deploymentName } from './deployment-name.js';
import { MeetingSettings } from './meetings.js';
import { apt, official } from './package-source.js';

/** It gets into names of files and XMPP addresses on the machine, so it is looked at again there. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i;

/** What every machine is told, whatever it does. */
const common = {
  deployment: deploymentName,
  domain: z.string().regex(HOST_NAME).toLowerCase(),
  region: z.string(),
  /** Auto Scaling group that this machine belongs to. */
  group: z.string(),
  /** Lifecycle hook at which the group's machines wait until they are drained, before they end. Unset: they end at once. */
  hook: z.string().optional(),
  /** Secrets Manager secret: a JSON object whose `seed` the password of the bridges' account is derived from. */
  bridgeSecret: z.string(),
  /** Where Jitsi's packages come from, as the machine sees it. `archive` is a zip of `.deb` files in S3. */
  packages: z.discriminatedUnion('kind', [
    official,
    apt,
    z.strictObject({ kind: z.literal('archive'), bucket: z.string(), key: z.string() }),
  ]),
  /** CloudWatch namespace of the agent's metrics. */
  metrics: z.string(),
};

/** A shard's name: `a`, `b`, … It becomes the shard's name in `x-jitsi-shard`. */
export const ShardName = z.string().regex(/^[a-z]{1,2}$/);

const ShardSpec = z.strictObject({
  ...common,
  role: z.literal('shard'),
  shard: ShardName,
  /** The same for all other passwords of the deployment. Only shards may read it. */
  secret: z.string(),
  /** All shards of the deployment, this one among them: rooms are spread over these names, also while one is away. */
  shards: z.array(ShardName).min(1),
  /** Whether a Videobridge runs on this machine (`size: solo`). */
  colocatedBridge: z.boolean(),
  /** Who may meet: everybody, or who has a signed link. */
  access: z.enum(['open', 'members']),
  /** Whether the machine relays media for people whose network lets no UDP out. */
  turn: z.boolean(),
  /** What the page looks like and does. */
  meetings: MeetingSettings,
  /** A picture in S3. */
  logo: z.strictObject({ bucket: z.string(), key: z.string(), type: z.enum(['png', 'svg']) }).optional(),
});
export type ShardSpec = z.infer<typeof ShardSpec>;

const BridgeSpec = z.strictObject({ ...common, role: z.literal('bridge') });
export type BridgeSpec = z.infer<typeof BridgeSpec>;

/**
 * What a machine is told at launch: user data writes it to `/etc/convoke/machine.json`.
 * It holds no secret, only where secrets are. Everything else (addresses, zone, id) the machine learns from IMDS, and
 * who else there is from EC2.
 */
export const MachineSpec = z.discriminatedUnion('role', [ShardSpec, BridgeSpec]);

export type MachineSpec = z.infer<typeof MachineSpec>;

/** Whether a machine has no cluster members to find: it is the only shard, with the only co-located bridge. */
export const isSingleMachine = (
  spec: Pick<ShardSpec, 'role' | 'colocatedBridge' | 'shards'> | Pick<BridgeSpec, 'role'>,
) => spec.role === 'shard' && spec.colocatedBridge && spec.shards.length === 1;

/** What a machine does, in words. */
export const describeMachine = (spec: MachineSpec): string =>
  spec.role === 'shard' ? `shard ${spec.shard}` : 'a bridge';
