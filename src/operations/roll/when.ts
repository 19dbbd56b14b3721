import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { waitUntilEmpty } from '../down/wait-for-empty.js';
import { type OnProgress, step } from '../progress.js';

/** When machines are replaced. */
export interface When {
  /** At this time of day, in the user's time zone: `03:00`. */
  readonly at?: string | undefined;
  /** Once nobody is in a meeting. */
  readonly empty?: boolean;
}

interface WaitOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** Waits until it is time. Meetings have no limit, so waiting until nobody is in one has none either. */
export async function waitUntil(options: WaitOptions, when: When = {}): Promise<void> {
  const { account, onProgress, signal } = options;
  if (when.at !== undefined) {
    const begins = nextTime(when.at, account.clock.now());
    const title = `Wait until ${begins.toLocaleString('sv-SE').slice(0, 16)}`;
    await step(onProgress, account.clock, 'at', title, () =>
      account.clock.wait(begins.getTime() - account.clock.now().getTime(), signal),
    );
  }
  if (when.empty) await waitUntilEmpty(options);
}

/** The next moment with this time of day, in the local time zone. Throws `CannotRead` unless it is one. */
export function nextTime(text: string, now: Date): Date {
  const [, hours = '', minutes = ''] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (!hours) {
    throw new ConvokeError('NoTime', {
      what: `"${text}" is not a time of day.`,
      now: 'Write hours and minutes, as in "--at 03:00".',
      fault: 'user',
    });
  }
  const next = new Date(now);
  next.setHours(Number(hours), Number(minutes), 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return next;
}
