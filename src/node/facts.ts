import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { z } from 'zod';
import { ConvokeError } from '../contract/errors.js';
import { MACHINE_SPEC_FILE } from '../contract/machine-layout.js';
import {
  type BridgeSpec,
  MachineSpec,
  type RecorderSpec,
  ShardName,
  type ShardSpec,
} from '../contract/machine-spec.js';
import type { Metadata } from './metadata.js';

const machine = {
  instanceId: z.string().regex(/^i-[0-9a-f]+$/),
  privateAddress: z.ipv4(),
  zone: z.string(),
  /**
   * When it was launched, in milliseconds since the epoch. Of two machines of one shard the younger one takes over.
   */
  launched: z.int(),
};

/** What a machine knows only at run time. A stop and start may change the addresses. */
export const InstanceContext = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]+$/),
  zone: z.string(),
  privateAddress: z.ipv4(),
  /**
   * The address to which participants send media. Null if the machine has no public address: media stays in its
   * network.
   */
  publicAddress: z.ipv4().nullable(),
  /** Memory in MiB. */
  memory: z.int().positive(),
  /**
   * When it was launched, as in {@link ClusterMember}. Unset until EC2 was queried: the machine then counts itself as
   * the youngest.
   */
  launched: z.int().optional(),
});
export type InstanceContext = z.infer<typeof InstanceContext>;

/** Another machine of the deployment, as described by EC2 and its tags. */
export const ClusterMember = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('shard'), shard: ShardName, ...machine }),
  z.strictObject({ role: z.literal('bridge'), ...machine }),
]);
export type ClusterMember = z.infer<typeof ClusterMember>;

/** What EC2 knows of this machine and of the others. */
export const ClusterMembers = z.strictObject({
  /** When this machine was launched, in milliseconds since the epoch. */
  launched: z.int(),
  others: z.array(ClusterMember),
});
export type ClusterMembers = z.infer<typeof ClusterMembers>;

/** All passwords on a dedicated bridge. */
export const BridgePasswords = z.object({
  /** The bridges' account, `jvb`. */
  bridge: z.string().min(20),
});
export type BridgePasswords = z.infer<typeof BridgePasswords>;

/** Passwords of recorders. */
export const RecorderPasswords = z.object({
  /** The account `jibri`, with which a recorder announces itself to Jicofo. */
  brewery: z.string().min(20),
  /** The account `recorder`, with which its browser joins meetings. */
  meetings: z.string().min(20),
  /** What that browser shows at the page instead of an invitation. */
  page: z.string().min(20),
});
export type RecorderPasswords = z.infer<typeof RecorderPasswords>;

/** Passwords on a shard: for its daemons, bridges, participants' TURN credentials, invitations, and hosts who sign in. */
export const ShardPasswords = BridgePasswords.extend({
  /** Jicofo's account, `focus`. */
  focus: z.string().min(20),
  /** The key that signs invitations. */
  tokens: z.string().min(20),
  /** The key with which Prosody creates TURN credentials and coturn checks them. */
  turn: z.string().min(20),
  /** The key of cookies with which hosts sign in. */
  signIn: z.string().min(20),
  /** Unset: there are no recorders. */
  recorder: RecorderPasswords.optional(),
});
export type ShardPasswords = z.infer<typeof ShardPasswords>;

/** Everything that a rendered file may depend on. */
export interface Facts<Spec extends MachineSpec = MachineSpec> {
  readonly spec: Spec;
  readonly instance: InstanceContext;
  readonly passwords: Spec extends ShardSpec
    ? ShardPasswords
    : Spec extends RecorderSpec
      ? RecorderPasswords
      : BridgePasswords;
  /** The other running machines, in no particular order. */
  readonly members: readonly ClusterMember[];
}
export type ShardFacts = Facts<ShardSpec>;
export type BridgeFacts = Facts<BridgeSpec>;
export type RecorderFacts = Facts<RecorderSpec>;

/** Reads the specification that user data wrote. Rejects with a {@link ConvokeError} if it is missing or invalid. */
export async function readSpec(path = MACHINE_SPEC_FILE): Promise<MachineSpec> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConvokeError('NoMachineSpec', {
      what: `${path} cannot be read.`,
      why: 'User data writes it before anything else of convoke runs, so this machine was not launched by convoke.',
      now: 'Launch the machine from the deployment, or write the file first.',
      cause,
    });
  });
  return parseSpec(text, path);
}

export function parseSpec(text: string, path = MACHINE_SPEC_FILE): MachineSpec {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badMachineSpec(path, `It is not JSON: ${String(cause)}`, cause);
  }
  const parsed = MachineSpec.safeParse(value);
  if (!parsed.success) throw badMachineSpec(path, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function badMachineSpec(path: string, why: string, cause: unknown): ConvokeError {
  return new ConvokeError('BadMachineSpec', {
    what: `${path} is not a machine specification.`,
    why,
    now: 'The node bundle and the stack must come from the same release of convoke: deploy again with "convoke up".',
    cause,
  });
}

export async function readInstanceContext(metadata: Metadata): Promise<InstanceContext> {
  const [instanceId, zone, privateAddress, publicAddress] = await Promise.all([
    metadata.read('instance-id'),
    metadata.read('placement/availability-zone'),
    metadata.read('local-ipv4'),
    metadata.readIfThere('public-ipv4'),
  ]);
  return InstanceContext.parse({
    instanceId,
    zone,
    privateAddress,
    publicAddress: publicAddress || null,
    memory: Math.floor(memoryBytes() / 2 ** 20),
  });
}

/** In a container, the container's memory limit counts. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
