import type { Verdict } from './health.js';

/**
 * Milliseconds that a machine must be beyond repair without interruption before it asks for a replacement: an
 * administrator at work on it can repair it first.
 */
const REPLACE_AFTER = 30_000;
/** Milliseconds after which the request is repeated, in case Auto Scaling was unreachable. */
const REPEAT_AFTER = 60_000;

/** Times in milliseconds since the epoch. */
export interface ReplacementState {
  readonly unhealthySince: number | undefined;
  readonly requestedAt: number | undefined;
}

export const ALL_HEALTHY: ReplacementState = { unhealthySince: undefined, requestedAt: undefined };

/**
 * Whether to ask Auto Scaling now to replace this machine. Only failures beyond local repair count: not a missing
 * bridge, lost telemetry, or a shard that is still starting.
 */
export function nextReplacementState(
  state: ReplacementState,
  machine: Verdict,
  now: number,
): { state: ReplacementState; request: boolean } {
  if (machine.healthy) return { state: ALL_HEALTHY, request: false };
  const unhealthySince = state.unhealthySince ?? now;
  const persistent = now - unhealthySince >= REPLACE_AFTER;
  const due = state.requestedAt === undefined || now - state.requestedAt >= REPEAT_AFTER;
  const request = persistent && due;
  return { state: { unhealthySince, requestedAt: request ? now : state.requestedAt }, request };
}
