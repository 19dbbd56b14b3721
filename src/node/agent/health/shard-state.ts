import type { ShardObservation } from '../observation.js';
import type { ShardHealth } from './health.js';

/** State that a shard reports to the edges, best first. */
export type ShardState = 'takes rooms' | 'has no bridge' | 'draining' | 'down';

/**
 * Replies to HAProxy's agent check. Each reply sets everything that another may have set before, because only the
 * agent can undo its own settings. A shard without bridges keeps 1 % of its weight: others are preferred, but if all
 * of them lack bridges (which they share), all stay open. A draining shard keeps its rooms and gets no new ones.
 */
export const AGENT_CHECK_REPLY: Readonly<Record<ShardState, string>> = {
  'takes rooms': 'up ready 100%',
  'has no bridge': 'up ready 1%',
  draining: 'up drain 100%',
  down: 'down',
};

/**
 * Milliseconds for which a worse state must persist before it is reported. `down` ends every connection and moves
 * rooms, while systemd restarts a daemon within ten seconds; where it matters, the edges' own check notices sooner. A
 * bridge may be missing in a single check. Better states, and draining, which is requested, are reported at once, and so
 * is the first state of a new shard, unless it is `down`: until its Jicofo has bridges, the other shards take new rooms.
 */
const CONFIRM_AFTER: Readonly<Record<ShardState, number>> = {
  'takes rooms': 0,
  'has no bridge': 15_000,
  draining: 0,
  down: 15_000,
};
const ORDER: readonly ShardState[] = ['takes rooms', 'has no bridge', 'draining', 'down'];

export interface ReportedState {
  /** Undefined before the first check: the reply is empty and edges keep their state. */
  readonly reported: ShardState | undefined;
  /** A worse state that is not confirmed yet, and since when. */
  readonly pending: { readonly state: ShardState; readonly since: number } | undefined;
}

export const NOTHING_REPORTED: ReportedState = { reported: undefined, pending: undefined };

/** The state that this observation alone would give. */
export function stateFor(seen: ShardObservation, health: ShardHealth, draining: boolean): ShardState {
  if (!health.shard.healthy) return 'down';
  if (draining) return 'draining';
  return seen.jicofo?.statistics?.operationalBridges === 0 ? 'has no bridge' : 'takes rooms';
}

export function nextState(
  { reported, pending }: ReportedState,
  seen: ShardState,
  now: number,
): ReportedState {
  const isNoWorse = reported === undefined ? seen !== 'down' : ORDER.indexOf(seen) <= ORDER.indexOf(reported);
  if (isNoWorse) return { reported: seen, pending: undefined };
  const since = pending?.state === seen ? pending.since : now;
  if (now - since >= CONFIRM_AFTER[seen]) return { reported: seen, pending: undefined };
  return { reported, pending: { state: seen, since } };
}
