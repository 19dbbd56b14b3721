import type { ShardObservation } from '../observation.js';
import type { ShardHealth } from './health.js';

/** What a shard says of itself to the edges, the best first. */
export type ShardState = 'takes rooms' | 'has no bridge' | 'draining' | 'down';

/**
 * As HAProxy's agent check takes it. Each line sets all that another may have set before: only the agent can undo what
 * the agent did. A shard without a bridge keeps a hundredth of its weight: others are preferred, but where all lack
 * bridges (they share them) none is closed. A shard that drains keeps its rooms and gets no new ones.
 */
export const AGENT_CHECK_REPLY: Readonly<Record<ShardState, string>> = {
  'takes rooms': 'up ready 100%',
  'has no bridge': 'up ready 1%',
  draining: 'up drain 100%',
  down: 'down',
};

/**
 * Milliseconds for which a shard must have been seen so bad, without a break, before it says so. To be down ends every
 * connection and sends rooms elsewhere, while a daemon that systemd restarts is back within ten seconds: the edges' own
 * check sees it sooner where that is needed. A bridge may be lost and found between two looks. Anything better, and
 * draining, which somebody wants, is said at once.
 */
const SURE_AFTER: Readonly<Record<ShardState, number>> = {
  'takes rooms': 0,
  'has no bridge': 15_000,
  draining: 0,
  down: 15_000,
};
const ORDER: readonly ShardState[] = ['takes rooms', 'has no bridge', 'draining', 'down'];

export interface ReportedState {
  /** Undefined before the first look: then nothing is said, and the edges go on as they were. */
  readonly word: ShardState | undefined;
  /** A worse word that is not sure yet, and since when. */
  readonly doubt: { readonly word: ShardState; readonly since: number } | undefined;
}

export const NOTHING_REPORTED: ReportedState = { word: undefined, doubt: undefined };

/** What this look alone would say. */
export function stateFor(seen: ShardObservation, health: ShardHealth, draining: boolean): ShardState {
  if (!health.shard.healthy) return 'down';
  if (draining) return 'draining';
  return seen.jicofo?.statistics?.operationalBridges === 0 ? 'has no bridge' : 'takes rooms';
}

export function nextState({ word, doubt }: ReportedState, seen: ShardState, now: number): ReportedState {
  if (word !== undefined && ORDER.indexOf(seen) <= ORDER.indexOf(word))
    return { word: seen, doubt: undefined };
  const since = doubt?.word === seen ? doubt.since : now;
  if (now - since >= SURE_AFTER[seen]) return { word: seen, doubt: undefined };
  return { word, doubt: { word: seen, since } };
}
