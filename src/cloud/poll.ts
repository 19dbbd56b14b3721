import type { Account } from './account.js';

export interface PollOptions {
  /** Milliseconds between two looks on AWS. */
  readonly every: number;
  /** Milliseconds after which polling ends. Default: never. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** What was seen last, and whether it was what polling waited for. */
export type Polled<T> = { readonly last: T; readonly inTime: boolean };

/**
 * Looks at something of an account until it is as wanted, or until the timeout. It always looks once more after the
 * timeout, so that a long pause does not hide a change. Rejects when the signal aborts, and when a look fails.
 */
export async function poll<T>(
  account: Account,
  { every, timeout = Number.POSITIVE_INFINITY, signal }: PollOptions,
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean,
): Promise<Polled<T>> {
  const deadline = account.clock.now().getTime() + timeout;
  for (;;) {
    const last = await look();
    if (isWanted(last)) return { last, inTime: true };
    if (account.clock.now().getTime() > deadline) return { last, inTime: false };
    await pause(account, every, signal);
  }
}

/** Waits until the account may be asked again: as many milliseconds as on AWS, or the account's own interval. */
export const pause = (account: Account, onAws: number, signal?: AbortSignal): Promise<void> =>
  account.clock.wait(account.pollInterval ?? onAws, signal);
