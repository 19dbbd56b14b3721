import type { Account } from '../../cloud/account.js';
import { pause } from '../../cloud/poll.js';
import { ConvokeError } from '../../contract/errors.js';
import type { OnProgress } from '../progress.js';
import { namesResolve, recordLookup } from './lookup.js';
import type { ManualRecord, SeenRecord } from './record.js';

export interface WatchOptions {
  readonly account: Account;
  readonly records: readonly ManualRecord[];
  /** What the user has to do with them, a sentence. */
  readonly title: string;
  /**
   * What is still pending, in words, given the lookup results; undefined if nothing is. Default: all records that DNS
   * does not have.
   */
  readonly pending?: (seen: readonly SeenRecord[]) => Promise<string | undefined>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** Adding records by hand takes time, and providers may be slow. After this the same command can be run again. */
const PATIENCE_MS = 2 * 60 * 60_000;
/** Interval of progress events while nothing changes. */
const REMINDER_MS = 60_000;

/**
 * Shows the records that the user has to add, again whenever a lookup result changes, until none is pending. Shows
 * nothing if none is pending from the start. Throws `RecordsMissing` after a timeout; the same command can then be
 * run again.
 */
export async function watchRecords(options: WatchOptions): Promise<readonly SeenRecord[]> {
  const { account, records, title, onProgress, signal } = options;
  const lookUpAll = recordLookup(account);
  const pending = options.pending ?? unseen(account);
  const from = account.clock.now().getTime();
  let shown = '';
  let reported = from;
  for (;;) {
    const seen = await lookUpAll(records);
    const waitsFor = await pending(seen);
    const now = account.clock.now().getTime();
    const state = JSON.stringify(seen);
    if (state !== shown && (shown || waitsFor)) {
      onProgress({ kind: 'records', title, records: seen });
      [shown, reported] = [state, now];
      if (waitsFor) onProgress({ kind: 'waiting', what: waitsFor, seconds: (now - from) / 1000 });
    } else if (waitsFor && now - reported >= REMINDER_MS) {
      onProgress({ kind: 'waiting', what: waitsFor, seconds: (now - from) / 1000 });
      reported = now;
    }
    if (!waitsFor) return seen;
    if (now - from > PATIENCE_MS) {
      throw new ConvokeError('RecordsMissing', {
        what: `Timed out after ${PATIENCE_MS / 60_000} minutes waiting for ${waitsFor}.`,
        now: 'Add the records at your DNS provider, then run the same command again: it continues with the same records.',
        fault: 'user',
      });
    }
    await pause(account, 15_000, signal);
  }
}

/** If public DNS does not know this cloud's names, there is nothing to wait for. */
const unseen =
  (account: Account) =>
  async (seen: readonly SeenRecord[]): Promise<string | undefined> => {
    const lacking = seen.filter(({ state }) => state !== 'seen').map(({ name }) => name);
    return lacking.length && namesResolve(account) ? `${lacking.join(' and ')} in DNS` : undefined;
  };
