import type { Account } from '../../cloud/account.js';
import { ConvokeError } from '../../contract/errors.js';
import type { OnProgress } from '../progress.js';
import { namesResolve, recordLookup } from './lookup.js';
import type { ManualRecord, SeenRecord } from './record.js';

export interface WatchOptions {
  readonly account: Account;
  readonly records: readonly ManualRecord[];
  /** What the person is to do with them, a sentence. */
  readonly title: string;
  /**
   * What is still waited for, in words, given what was seen; undefined when nothing is. Default: every record that is
   * not seen.
   */
  readonly pending?: (seen: readonly SeenRecord[]) => Promise<string | undefined>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** People look for passwords, and providers publish at leisure. Who takes longer runs the same command again. */
const PATIENCE_MS = 2 * 60 * 60_000;
/** How often it says what it waits for while nothing changes. */
const REMINDER_MS = 60_000;

/**
 * Shows records that a person has to add, and again whenever something changes, until nothing is waited for. Says
 * nothing where that is so from the start. Throws `RecordsMissing` when it takes too long: nothing is lost by then.
 */
export async function watchRecords(options: WatchOptions): Promise<readonly SeenRecord[]> {
  const { account, records, title, onProgress, signal } = options;
  const look = recordLookup(account);
  const pending = options.pending ?? unseen(account);
  const from = account.clock.now().getTime();
  let shown = '';
  let told = from;
  for (;;) {
    const seen = await look(records);
    const waitsFor = await pending(seen);
    const now = account.clock.now().getTime();
    const state = JSON.stringify(seen);
    if (state !== shown && (shown || waitsFor)) {
      onProgress({ kind: 'records', title, records: seen });
      [shown, told] = [state, now];
      if (waitsFor) onProgress({ kind: 'waiting', what: waitsFor, seconds: (now - from) / 1000 });
    } else if (waitsFor && now - told >= REMINDER_MS) {
      onProgress({ kind: 'waiting', what: waitsFor, seconds: (now - from) / 1000 });
      told = now;
    }
    if (!waitsFor) return seen;
    if (now - from > PATIENCE_MS) {
      throw new ConvokeError('RecordsMissing', {
        what: `After ${PATIENCE_MS / 60_000} minutes this is still waited for: ${waitsFor}.`,
        now: 'Add the records where the domain’s zone is kept, then run the same command again: it goes on from here, with the same records.',
        fault: 'person',
      });
    }
    await account.clock.wait(account.endpoint ? 500 : 15_000, signal);
  }
}

/** Where nobody outside knows the names of a cloud, there is nothing to wait for. */
const unseen =
  (account: Account) =>
  async (seen: readonly SeenRecord[]): Promise<string | undefined> => {
    const lacking = seen.filter(({ state }) => state !== 'seen').map(({ name }) => name);
    return lacking.length && namesResolve(account) ? `${lacking.join(' and ')} in DNS` : undefined;
  };
