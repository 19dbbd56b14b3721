import type { Remark } from './remark.js';

/** The properties of a machine's role that memory depends on. */
export type Role = 'shard with a co-located bridge' | 'shard' | 'bridge' | 'recorder';

/**
 * Minimum memory of a machine in GiB. Debian, the daemons of a shard and Jicofo take 1 GiB, a Videobridge with the
 * smallest heap 0.75 GiB more, a recorder's browser and encoder 3 GiB; EC2 instances have 0.5, 1, 2, 4, … GiB. `node/render/memory.ts` has the parts.
 */
export const LEAST_MEMORY: Readonly<Record<Role, number>> = {
  'shard with a co-located bridge': 2,
  shard: 2,
  bridge: 2,
  // A browser that shows a meeting in 1080p, and FFmpeg.
  recorder: 4,
};

/** The role of a shard's machine. */
export const shardRole = (colocatedBridge: boolean): Role =>
  colocatedBridge ? 'shard with a co-located bridge' : 'shard';

/**
 * Memory in GiB of the sizes that are too small in every family. Other sizes depend on the family, and `check` asks
 * EC2.
 */
const SMALL_SIZES: Readonly<Record<string, number>> = { nano: 0.5, micro: 1 };

/** Why a type has too little memory, and what to use instead; undefined if it has enough. */
export function memoryComplaint(type: string, memory: number, role: Role): string | undefined {
  const least = LEAST_MEMORY[role];
  if (memory >= least) return undefined;
  const [family] = type.split('.');
  const better = Object.hasOwn(SMALL_SIZES, type.split('.')[1] ?? '')
    ? `${family}.small or larger`
    : 'a larger size';
  return `${type} has ${memory} GiB of memory, and a ${role} needs at least ${least} GiB: use ${better}`;
}

/** Finds types that have too little memory by their name alone. */
export function memoryContradictions(
  types: readonly { readonly type: string; readonly keys: readonly string[]; readonly role: Role }[],
): Remark[] {
  return types.flatMap(({ type, keys, role }) => {
    const memory = SMALL_SIZES[type.split('.')[1] ?? ''];
    const complaint = memory === undefined ? undefined : memoryComplaint(type, memory, role);
    return complaint ? [{ keys, message: `${keys.slice(0, 2).join('.')} ${complaint}.` }] : [];
  });
}
