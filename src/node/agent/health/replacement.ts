import type { Verdict } from './health.js';

/** How long a machine must be beyond repair without a break before it says so: a person at work on it can mend it first. */
const SURE_AFTER = 30_000;
/** Auto Scaling may have been unreachable, so it is told again. */
const AGAIN_AFTER = 60_000;

/** Milliseconds since the epoch, or undefined. */
export interface ReplacementState {
  readonly badSince: number | undefined;
  readonly toldAt: number | undefined;
}

export const ALL_HEALTHY: ReplacementState = { badSince: undefined, toldAt: undefined };

/**
 * Whether Auto Scaling is to be told now that this machine wants replacing. Only what is beyond local repair counts:
 * neither a missing bridge, nor lost telemetry, nor a shard that is just starting.
 */
export function nextReplacementState(
  state: ReplacementState,
  machine: Verdict,
  now: number,
): { state: ReplacementState; tell: boolean } {
  if (machine.healthy) return { state: ALL_HEALTHY, tell: false };
  const badSince = state.badSince ?? now;
  const sure = now - badSince >= SURE_AFTER;
  const due = state.toldAt === undefined || now - state.toldAt >= AGAIN_AFTER;
  const tell = sure && due;
  return { state: { badSince, toldAt: tell ? now : state.toldAt }, tell };
}
