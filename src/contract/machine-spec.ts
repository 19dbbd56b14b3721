import { z } from 'zod';
import { ACCESS } from './access.js';
import { deploymentName } from './deployment-name.js';
import { DIAGNOSTICS } from './log-lines.js';
import { LoginSettings } from './login.js';
import { MeetingSettings } from './meetings.js';
import { apt, official } from './package-source.js';
import { ShardRecording } from './recording.js';
import { Release } from './release.js';

/** Becomes part of file names and XMPP addresses on the machine, so it is validated there again. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i;

/** Where Jitsi's packages come from, as the machine sees it. `archive` is a zip of `.deb` files in S3. */
const Packages = z.discriminatedUnion('kind', [
  official,
  apt,
  z.strictObject({ kind: z.literal('archive'), bucket: z.string(), key: z.string() }),
]);

/** Settings of every machine, whatever its role. */
const common = {
  deployment: deploymentName,
  domain: z.string().regex(HOST_NAME).toLowerCase(),
  region: z.string(),
  /** Auto Scaling group that this machine belongs to. */
  group: z.string(),
  /** Lifecycle hook that delays termination until a machine is drained. Unset: machines are terminated immediately. */
  hook: z.string().optional(),
  packages: Packages,
  /** The release of Jitsi to install. Unset: the one that `packages` names, or the newest when the machine starts. */
  release: Release.optional(),
  /** Whether to run the agent of AWS Systems Manager, so that Session Manager can open a shell. Unset: no. */
  shell: z.boolean().optional(),
  /** Whether the agent serves metrics for Prometheus on the private address. Unset: no. */
  prometheus: z.boolean().optional(),
  /** CloudWatch namespace of the agent's metrics. */
  metrics: z.string(),
  /** CloudWatch log group for lines of the journal, and which lines. */
  logs: z.strictObject({ group: z.string(), diagnostics: z.enum(DIAGNOSTICS) }),
};

/** Secrets Manager secret: a JSON object with the `seed` from which the password of the bridges' account is derived. */
const bridgeSecret = z.string();

/** A shard's name: `a`, `b`, … It is the value of the header `x-jitsi-shard`. */
export const ShardName = z.string().regex(/^[a-z]{1,2}$/);

const ShardSpec = z.strictObject({
  ...common,
  role: z.literal('shard'),
  shard: ShardName,
  /** The secret for all other passwords of the deployment. Only shards may read it. */
  secret: z.string(),
  bridgeSecret,
  /**
   * Names of all shards of the deployment, including this one: rooms are distributed over these names, even while a
   * shard is down.
   */
  shards: z.array(ShardName).min(1),
  /** Whether a Videobridge runs on this machine (`size: solo`). */
  colocatedBridge: z.boolean(),
  /** Who may join meetings. */
  access: z.enum(ACCESS),
  /** Where hosts sign in, with the name of the secret that has the client's. For `access: hosts`. */
  login: LoginSettings.extend({ secret: z.string() }).optional(),
  /** Whether the machine relays media for participants whose network blocks UDP. */
  turn: z.boolean(),
  /** Recording and streaming. Unset: there are no recorders. */
  recording: ShardRecording.optional(),
  /** Appearance and behaviour of the meeting page. */
  meetings: MeetingSettings,
  /** A logo in S3. */
  logo: z.strictObject({ bucket: z.string(), key: z.string(), type: z.enum(['png', 'svg']) }).optional(),
});
export type ShardSpec = z.infer<typeof ShardSpec>;

const BridgeSpec = z.strictObject({ ...common, role: z.literal('bridge'), bridgeSecret });
export type BridgeSpec = z.infer<typeof BridgeSpec>;

export const RecorderSpec = z.strictObject({
  ...common,
  role: z.literal('recorder'),
  /** Secrets Manager secret with the seed of the recorders' passwords. Bridges cannot read it, nor recorders theirs. */
  recorderSecret: z.string(),
  /** S3 bucket that recordings are written to. */
  bucket: z.string(),
});
export type RecorderSpec = z.infer<typeof RecorderSpec>;

/**
 * What a machine needs to know at launch: user data writes it to `/etc/convoke/machine.json`. It contains no secrets,
 * only the names of secrets. The machine learns its addresses, zone and id from IMDS, and the other machines from
 * EC2.
 */
export const MachineSpec = z.discriminatedUnion('role', [ShardSpec, BridgeSpec, RecorderSpec]);

export type MachineSpec = z.infer<typeof MachineSpec>;

/** What a machine needs to know from which a machine image is made. */
export const ImageSpec = z.strictObject({
  role: z.literal('image-builder'),
  domain: common.domain,
  region: common.region,
  packages: Packages,
  release: Release,
  shell: common.shell,
  /** Whether the image has what recorders need. Unset: no. */
  recorder: z.boolean().optional(),
});
export type ImageSpec = z.infer<typeof ImageSpec>;

/** Whether a machine has no other cluster members: it is the only shard, with a co-located bridge. */
export const isSingleMachine = (
  spec: Pick<ShardSpec, 'role' | 'colocatedBridge' | 'shards'> | Pick<BridgeSpec | RecorderSpec, 'role'>,
) => spec.role === 'shard' && spec.colocatedBridge && spec.shards.length === 1;

/** Whether a Videobridge runs on a machine. */
export const hasBridge = (
  spec: Pick<ShardSpec, 'role' | 'colocatedBridge'> | Pick<BridgeSpec | RecorderSpec, 'role'>,
): boolean => spec.role === 'bridge' || (spec.role === 'shard' && spec.colocatedBridge);

/** The machine's role for messages. */
export const describeMachine = (spec: MachineSpec): string =>
  spec.role === 'shard' ? `shard ${spec.shard}` : `a ${spec.role}`;
