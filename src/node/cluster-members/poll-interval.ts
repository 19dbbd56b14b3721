import type { MachineSpec } from '../../contract/machine-spec.js';
import type { ClusterMember } from '../facts.js';

/** Milliseconds between requests to EC2 while nothing changes. */
const IDLE_INTERVAL = 10_000;
/** Milliseconds between requests after a change: the next change often follows soon. */
const SHORT_INTERVAL = 2_000;
/** Milliseconds for which a change keeps the interval short. */
const SHORT_AFTER_CHANGE = 60_000;
/**
 * The same while an expected machine is missing. Longer than a machine takes to start, but limited, in case none
 * does.
 */
const SHORT_WHILE_MISSING = 600_000;
/**
 * Milliseconds between requests after several failures. EC2 throttles each account, and other machines send requests
 * too.
 */
const LONGEST_INTERVAL = 60_000;

export interface PollHistory {
  /** When the list last changed, in milliseconds since the epoch. */
  readonly changedAt: number;
  /** Consecutive failed requests. */
  readonly failures: number;
}

/** Milliseconds until the next request. `random`, 0 to 1, spreads machines that started together. */
export function pollInterval(
  { changedAt, failures }: PollHistory,
  missing: boolean,
  now: number,
  random: number,
): number {
  const jitter = 0.8 + 0.4 * random;
  if (failures > 0)
    return Math.round(jitter * Math.min(LONGEST_INTERVAL, IDLE_INTERVAL * 2 ** (failures - 1)));
  const short = now - changedAt < (missing ? SHORT_WHILE_MISSING : SHORT_AFTER_CHANGE);
  return Math.round(jitter * (short ? SHORT_INTERVAL : IDLE_INTERVAL));
}

/** Whether a cluster member that should exist is missing. */
export function membersMissing(spec: MachineSpec, known: readonly ClusterMember[] | undefined): boolean {
  if (!known) return true;
  const shards = new Set(known.flatMap((member) => (member.role === 'shard' ? [member.shard] : [])));
  if (spec.role !== 'shard') return shards.size === 0;
  const others = spec.shards.filter((name) => name !== spec.shard);
  const bridges = spec.colocatedBridge || known.some(({ role }) => role === 'bridge');
  return !bridges || others.some((name) => !shards.has(name));
}
