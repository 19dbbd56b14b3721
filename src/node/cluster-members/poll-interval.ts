import type { MachineSpec } from '../../contract/machine-spec.js';
import type { ClusterMember } from '../facts.js';

/** Milliseconds between two questions to EC2 while nothing happens. */
const CALM = 10_000;
/** While something does: the next change is seldom far from the last. */
const QUICK = 2_000;
/** Milliseconds that a change keeps it quick. */
const AFTER_CHANGE = 60_000;
/** The same while somebody is missing who should be there. Longer than a machine needs to come; no longer, in case none comes. */
const WHILE_MISSING = 600_000;
/** After several failures in a row. EC2 limits how often an account may ask, and other machines ask too. */
const SLOWEST = 60_000;

export interface Pace {
  /** When what is known last changed, in milliseconds since the epoch. */
  readonly changedAt: number;
  /** Questions in a row that were not answered. */
  readonly failures: number;
}

/** Milliseconds until EC2 is asked again. `random`, 0 to 1, keeps machines that started together from asking together. */
export function pause({ changedAt, failures }: Pace, missing: boolean, now: number, random: number): number {
  const jitter = 0.8 + 0.4 * random;
  if (failures > 0) return Math.round(jitter * Math.min(SLOWEST, CALM * 2 ** (failures - 1)));
  const quick = now - changedAt < (missing ? WHILE_MISSING : AFTER_CHANGE);
  return Math.round(jitter * (quick ? QUICK : CALM));
}

/** Whether a machine lacks cluster members that it knows there should be. */
export function someMissing(spec: MachineSpec, known: readonly ClusterMember[] | undefined): boolean {
  if (!known) return true;
  const shards = new Set(known.flatMap((member) => (member.role === 'shard' ? [member.shard] : [])));
  if (spec.role === 'bridge') return shards.size === 0;
  const others = spec.shards.filter((name) => name !== spec.shard);
  const bridges = spec.colocatedBridge || known.some(({ role }) => role === 'bridge');
  return !bridges || others.some((name) => !shards.has(name));
}
