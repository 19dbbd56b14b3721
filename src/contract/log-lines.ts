import { z } from 'zod';

/**
 * What the log group of a deployment contains. Each machine writes one log stream; each of its events is a
 * {@link LogLine} as JSON.
 */

/**
 * `redacted`: warnings and errors of the daemons, without names of rooms and participants, addresses and tokens.
 * `full`: everything that the daemons log.
 */
export const DIAGNOSTICS = ['redacted', 'full'] as const;
export type Diagnostics = (typeof DIAGNOSTICS)[number];

/** Priorities of syslog, by which journald orders lines: `LEVELS[4]` is `warning`. */
export const LEVELS = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const;

/** Index in {@link LEVELS}. */
export const WARNING = 4;

export const LogLine = z.object({
  /** What wrote it: `prosody`, `agent`, `provisioning`, … */
  daemon: z.string(),
  /** Index in {@link LEVELS}. */
  level: z.number().int().min(0).max(7),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** The log stream of a machine, such as `shard-a/i-0123`. */
export const streamName = (
  spec: { readonly role: 'shard'; readonly shard: string } | { readonly role: 'bridge' | 'recorder' },
  instanceId: string,
): string => `${spec.role === 'shard' ? `shard-${spec.shard}` : spec.role}/${instanceId}`;
