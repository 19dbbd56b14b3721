import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isAlive } from '../config/process.js';
import { ConvokeError } from '../contract/errors.js';
import type { Clock } from './account.js';
import type { Version, VersionedParameter } from './lock-parameter.js';

/*
 * The lock of a deployment is a parameter of Systems Manager. PutParameter has no condition: it replaces any value.
 * But it numbers the versions of a parameter without gaps, returns the number of each write, and keeps the last hundred. So
 * each write names its predecessor, and counts only if that is the version directly before it:
 *
 *     version 7   A works           (its lease has ended)
 *     version 8   B works, after 7  counts: B has the lock
 *     version 9   C works, after 7  does not count: C had not seen version 8
 *
 * B and C both found A's expired lock, and both wrote. The order of the versions is the same for all: C reads version 8
 * after its write, and gives way. The newest write that counts names the holder. If a holder's renewal does not count,
 * because a command like C wrote in between, it renews again on top of that.
 *
 * A reader that does not see the newest version yet writes on top of an older one, which does not count: stale reads cost
 * a second attempt, but never exclusiveness. Two cases depend on time: a holder that slept for longer than its lease
 * while another command took the lock is stopped only at its next renewal; and a holder may renew, sleep that long, and
 * then delete the parameter.
 *
 * AWS requires 30 seconds between deleting a parameter and creating it again. So a lock is released by a write without
 * a holder; only "down" deletes it.
 */

/** The command that holds the lock. */
const Holder = z.object({
  verb: z.string(),
  /** ARN of the credentials. */
  who: z.string(),
  host: z.string(),
  pid: z.number(),
  /** ISO 8601. */
  since: z.string(),
});
export type Holder = z.infer<typeof Holder>;

/** One write of the lock. */
const Write = z.object({
  /** Unique id. */
  id: z.string(),
  /** Id of the preceding write; null if there was no parameter. */
  after: z.string().nullable(),
  /** Null: released. */
  holder: Holder.nullable(),
});
type Write = z.infer<typeof Write>;

/** A lock that was found in the account. */
export interface HeldLock {
  readonly holder: Holder;
  /** Milliseconds since its holder last renewed it, by AWS's clock. */
  readonly silent: number;
}

/** Milliseconds. A lock that is not renewed for this long is stale: its holder was killed, sleeps, or has no network. */
export const LEASE_MS = 3 * 60_000;
const RENEWAL_MS = 30_000;
/** After a renewal that failed. */
const RETRY_MS = 10_000;
/** A holder that cannot renew for this long stops, because another command may soon take the lock. */
const LOST_AFTER_MS = LEASE_MS - RENEWAL_MS;
/** The lock is not given up before this many renewals in a row have failed. */
const FAILED_RENEWALS = 3;
/** A deleted parameter can be created again after 30 s; its value is consistent long before that. */
const SETTLING_MS = 60_000;

/** Holders in this process. A lock with this process's id that is not among them is stale. */
export const atWork = new Set<Holder>();

/** Whether a lock is held, not stale. */
export function isHeld(
  { holder, silent }: HeldLock,
  here: { readonly host: string; readonly isAlive: (pid: number) => boolean },
): boolean {
  if (holder.host === here.host && !here.isAlive(holder.pid)) return false;
  return silent < LEASE_MS;
}

/** The evaluated state of the lock's parameter. */
interface Standing {
  /** Id of the newest write, whether it counts or not. */
  readonly newest: string;
  /** The newest write that counts. */
  readonly write: Write;
  /** Milliseconds since then. */
  readonly age: number;
}

/** The lock of one deployment, from the view of one process. */
export class Lock {
  /** Ids of this process's own writes. */
  private readonly written = new Set<string>();
  /** Id of the newest write that this process has seen. */
  private newest: string | null = null;

  constructor(
    private readonly parameter: VersionedParameter,
    private readonly own: Holder,
    private readonly clock: Clock,
  ) {}

  /** Throws `Busy` if another command holds it. */
  async take(deployment: string): Promise<void> {
    const from = this.clock.now().getTime();
    for (;;) {
      const found = await this.standing();
      if (found && this.written.has(found.write.id)) return;
      if (found?.write.holder && this.isHeld(found.write.holder, found.age))
        throw busy(deployment, this.own, found.write.holder);
      this.newest = found?.newest ?? null;
      // Reading back over writes that do not count takes time. A write on top of what is not the newest any more would only
      // be one more of them, and several who go on like that would hold each other up without end.
      const isStill = !found || (await this.isNewest(found.newest));
      if (isStill && (found ? (await this.write(this.own)).counts : await this.create())) return;
      if (this.clock.now().getTime() - from > SETTLING_MS) throw unclear(this.own.verb);
      await this.clock.wait(500);
    }
  }

  /** Renews the lock until the signal aborts. Returns as soon as the lock is lost: why, as a sentence. */
  async keep(signal: AbortSignal): Promise<string | undefined> {
    let kept = this.clock.now().getTime();
    let failures = 0;
    for (;;) {
      try {
        await this.clock.wait(failures > 0 ? RETRY_MS : RENEWAL_MS, signal);
      } catch {
        return undefined;
      }
      const now = this.clock.now().getTime();
      try {
        // Counts even after the lease, when the machine slept: it proves that no other command had the lock in between.
        if (!(await this.renew(this.own))) return 'Another command took the lock while this machine slept.';
        kept = now;
        failures = 0;
      } catch (error) {
        failures += 1;
        // The clock may be set back meanwhile; the pauses between attempts have passed in any case.
        const silent = Math.max(this.clock.now().getTime() - kept, RENEWAL_MS + (failures - 1) * RETRY_MS);
        // After a machine slept, the network comes back some seconds later, and the first renewals fail.
        if (silent > LOST_AFTER_MS && failures >= FAILED_RENEWALS)
          return `It could not be renewed for ${Math.round(silent / 1000)} seconds: ${(error as Error).message}.`;
      }
    }
  }

  /** Releases the lock, if this process still holds it. */
  async release(remove: boolean): Promise<void> {
    // Renew first, so that the lock of another holder is not deleted.
    if ((await this.renew(remove ? this.own : null)) && remove) await this.parameter.remove();
  }

  /** Writes as the holder. Returns false if another command holds it, or held and deleted it. */
  async renew(holder: Holder | null): Promise<boolean> {
    for (;;) {
      const { counts, isFirst } = await this.write(holder);
      if (isFirst) {
        await this.write(null);
        return false;
      }
      if (counts) return true;
      const found = await this.standing();
      if (!found || !this.written.has(found.write.id)) return false;
      // The lock is already released: the response was lost.
      if (!holder && !found.write.holder) return true;
      this.newest = found.newest;
    }
  }

  private async isNewest(id: string): Promise<boolean> {
    const newest = await this.parameter.latest();
    return newest !== undefined && idOf(newest) === id;
  }

  private isHeld(holder: Holder, silent: number): boolean {
    return isHeld(
      { holder, silent },
      {
        host: this.own.host,
        isAlive: (pid) =>
          pid === this.own.pid
            ? [...atWork].some((each) => JSON.stringify(each) === JSON.stringify(holder))
            : isAlive(pid),
      },
    );
  }

  private async create(): Promise<boolean> {
    const { id, text } = this.compose(this.own);
    if (!(await this.parameter.create(text))) return false;
    this.newest = id;
    return true;
  }

  /**
   * Writes on top of the newest known write. Returns whether it counts, if that is known immediately, and
   * whether the parameter had been deleted.
   */
  private async write(holder: Holder | null): Promise<{ counts: boolean; isFirst: boolean }> {
    const { id, text } = this.compose(holder);
    const number = await this.parameter.overwrite(text);
    const isFirst = number === 1;
    const before = isFirst ? undefined : await this.parameter.version(number - 1);
    const counts = isFirst || (before !== undefined && idOf(before) === this.newest);
    if (counts) this.newest = id;
    return { counts, isFirst };
  }

  private compose(holder: Holder | null): { id: string; text: string } {
    const id = randomUUID();
    this.written.add(id);
    return { id, text: JSON.stringify({ id, after: this.newest, holder } satisfies Write) };
  }

  /** Undefined if the parameter does not exist. */
  private async standing(): Promise<Standing | undefined> {
    for (let tries = 0; tries < 20; tries++) {
      const newest = await this.parameter.latest();
      if (!newest) return undefined;
      for (let version = newest; ; ) {
        const write = parse(version);
        const before = version.number > 1 ? await this.parameter.version(version.number - 1) : undefined;
        const counts = version.number === 1 || (before && idOf(before) === write.after);
        if (counts || !write.isLock) return { newest: idOf(newest), write, age: version.age };
        // Not visible yet, or deleted while it was read.
        if (!before) break;
        version = before;
      }
      await this.clock.wait(500);
    }
    throw unclear(this.own.verb);
  }
}

/** A value that is not a lock counts as released. */
function parse({ text }: Version): Write & { readonly isLock: boolean } {
  try {
    return { ...Write.parse(JSON.parse(text)), isLock: true };
  } catch {
    return { id: text, after: null, holder: null, isLock: false };
  }
}

const idOf = (version: Version): string => parse(version).id;

function busy(deployment: string, own: Holder, other: Holder): ConvokeError {
  return new ConvokeError('Busy', {
    what: `Another "${other.verb}" is running for ${deployment}, so "${own.verb}" was not started.`,
    why: `It was started at ${other.since.slice(0, 16).replace('T', ' ')} UTC by ${other.who} on ${other.host}.`,
    now: `Wait until it has ended. If it was killed, its lock expires after ${LEASE_MS / 60_000} minutes.`,
    fault: 'user',
  });
}

const unclear = (verb: string): ConvokeError =>
  new ConvokeError('LockUnclear', {
    what: `It could not be determined whether another command is running on the deployment, so "${verb}" was not started.`,
    why: 'Systems Manager returned inconsistent values of the lock parameter.',
    now: 'Run the same command again in a minute.',
  });
