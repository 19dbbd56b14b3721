import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { z } from 'zod';
import { ConvokeError } from '../contract/errors.js';
import { MACHINE_SPEC_FILE } from '../contract/machine-layout.js';
import { type BridgeSpec, MachineSpec, ShardName, type ShardSpec } from '../contract/machine-spec.js';
import type { Metadata } from './metadata.js';

const machine = {
  instanceId: z.string().regex(/^i-[0-9a-f]+$/),
  privateAddress: z.ipv4(),
  zone: z.string(),
  /** When it was launched, in milliseconds since the epoch. Of two machines of one shard the younger is to stay. */
  launched: z.int(),
};

/** What a machine can only learn from where it runs. A stop and start may change the addresses. */
export const InstanceContext = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]+$/),
  zone: z.string(),
  privateAddress: z.ipv4(),
  /** Where participants send media. Null: the machine has no public address, media stays in its own network. */
  publicAddress: z.ipv4().nullable(),
  /** Memory that the machine has, in MiB. */
  memory: z.int().positive(),
  /** When it was launched, as others see it in {@link Neighbour}. Unset until EC2 was asked: it takes itself for the youngest. */
  launched: z.int().optional(),
});
export type InstanceContext = z.infer<typeof InstanceContext>;

/** Another machine of the deployment, as EC2 and its tags tell of it. */
export const ClusterMember = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('shard'), shard: ShardName, ...machine }),
  z.strictObject({ role: z.literal('bridge'), ...machine }),
]);
export type ClusterMember = z.infer<typeof ClusterMember>;

/** What EC2 tells a machine of itself and of the others. */
export const ClusterMembers = z.strictObject({
  /** When this machine was launched, in milliseconds since the epoch. */
  launched: z.int(),
  others: z.array(ClusterMember),
});
export type ClusterMembers = z.infer<typeof ClusterMembers>;

/** All that a bridge with a machine of its own knows. */
export const BridgePasswords = z.object({
  /** The bridges' account, `jvb`. */
  bridge: z.string().min(20),
});
export type BridgePasswords = z.infer<typeof BridgePasswords>;

/** What a shard knows: its daemons log in to each other, and to it come bridges, participants and who is invited. */
export const ShardPasswords = BridgePasswords.extend({
  /** Jicofo's account, `focus`. */
  focus: z.string().min(20),
  /** The key that invitations are signed with. */
  tokens: z.string().min(20),
  /** The key with which Prosody makes TURN credentials and coturn checks them. */
  turn: z.string().min(20),
});
export type ShardPasswords = z.infer<typeof ShardPasswords>;

/** All that a rendered file may depend on. */
export interface Facts<Spec extends MachineSpec = MachineSpec> {
  readonly spec: Spec;
  readonly instance: InstanceContext;
  readonly passwords: Spec extends ShardSpec ? ShardPasswords : BridgePasswords;
  /** The other machines that run, in no order. */
  readonly members: readonly ClusterMember[];
}
export type ShardFacts = Facts<ShardSpec>;
export type BridgeFacts = Facts<BridgeSpec>;

/** Reads what user data wrote. Rejects with a {@link ConvokeError} when the file is missing or not as agreed. */
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
    throw notAsAgreed(path, `It is not JSON: ${String(cause)}`, cause);
  }
  const parsed = MachineSpec.safeParse(value);
  if (!parsed.success) throw notAsAgreed(path, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function notAsAgreed(path: string, why: string, cause: unknown): ConvokeError {
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

/** In a container the machine is what the container may use. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
