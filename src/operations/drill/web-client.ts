import type { WebConfig } from '../probe/web-config.js';

/**
 * How Jitsi's web client behaves when its connection breaks, where it affects recovery. The numbers are those
 * of lib-jitsi-meet (`strophe.ping`, `ResumeTask`, `XmppConnection`) and of what convoke adds to the page
 * (`src/page/reconnect.ts`).
 */

export interface Pings {
  /** Milliseconds between two pings. */
  readonly interval: number;
  /** Milliseconds until one counts as failed. */
  readonly timeout: number;
  /** How many in a row may fail before the connection counts as dead. */
  readonly threshold: number;
}

export function pings({ xmppPing }: Pick<WebConfig, 'xmppPing'>): Pings {
  return {
    interval: xmppPing?.interval ?? 10_000,
    timeout: xmppPing?.timeout ?? 5_000,
    threshold: xmppPing?.threshold ?? 2,
  };
}

/** Milliseconds until the client next checks whether its room is still on its shard; undefined if it never does. */
export function shardCheckDelay(
  { websocketKeepAlive = 60_000 }: Pick<WebConfig, 'websocketKeepAlive'>,
  random: () => number,
): number | undefined {
  return websocketKeepAlive < 0 ? undefined : websocketKeepAlive + random() * 60_000;
}

/** How often the client opens its WebSocket again before it gives up the connection. */
export const RETRIES = 3;

/** Milliseconds before the nth retry: at random within 1.5 to 3 s, then 3 to 9 s, then 4.5 to 27 s. */
export function retryDelay(retry: number, random: () => number): number {
  const least = retry * 1_500;
  const most = [3_000, 9_000, 27_000][retry - 1] ?? 27_000;
  return least + random() * (most - least);
}

/** Milliseconds until the client asks a focus again that is not ready for the room; then twice as long each time. */
export const FOCUS_AGAIN = 1_000;

/** Milliseconds after which a user whose page did not load tries again. */
export const RELOAD_AGAIN = 2_000;
