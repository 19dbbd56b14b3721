import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { ConvokeError } from '../contract/errors.js';
import { lockName } from '../contract/names.js';
import type { Account } from './account.js';
import { callerIdentity } from './identity.js';
import { parameter } from './lock-parameter.js';
import { atWork, type Holder, LEASE_MS, Lock } from './lock-protocol.js';

export interface LockOptions {
  readonly account: Account;
  readonly deployment: string;
  readonly verb: string;
  /** Whether to delete the parameter at the end. Default: false, the lock is released and the parameter is kept. */
  readonly leaveNothing?: boolean;
}

/**
 * Runs `work` while no other command runs on the deployment, on this machine or on another one. The lock of a killed
 * process is ignored on the same machine immediately, and on others three minutes after its last renewal. The signal
 * passed to `work` aborts if the lock is lost, because there was no network for minutes, or another command took the lock
 * while this machine slept. Throws `Busy` if another command is running, and `LockLost`.
 */
export async function withLock<T>(
  { account, deployment, verb, leaveNothing = false }: LockOptions,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const own: Holder = {
    verb,
    who: (await callerIdentity(account)).arn,
    host: hostname(),
    pid: process.pid,
    since: account.clock.now().toISOString(),
  };
  const lock = new Lock(parameter(account, lockName(deployment)), own, account.clock);
  // Before the lock is written, so that this process does not consider it stale.
  atWork.add(own);
  try {
    await lock.take(deployment);
  } catch (error) {
    atWork.delete(own);
    throw error;
  }
  const ended = new AbortController();
  const lost = new AbortController();
  let loss: string | undefined;
  const renewing = lock.keep(ended.signal).then((why) => {
    loss = why;
    if (why !== undefined) lost.abort();
  });
  const end = async (remove: boolean) => {
    ended.abort();
    await renewing;
    await lock.release(remove);
  };
  let result: T;
  try {
    result = await work(lost.signal);
  } catch (error) {
    // Keep the error of the work; an unreleased lock expires.
    await end(false).catch(() => {});
    throw loss === undefined ? error : lockLost(deployment, verb, loss, error);
  } finally {
    atWork.delete(own);
  }
  await end(leaveNothing);
  return result;
}

/** Aborts when either does. */
export function either(signal: AbortSignal | undefined, lost: AbortSignal): AbortSignal {
  const any = signal ? AbortSignal.any([signal, lost]) : lost;
  // Long waits add many listeners; Node would report more than ten as a leak.
  setMaxListeners(0, any);
  return any;
}

const lockLost = (deployment: string, verb: string, loss: string, cause: unknown): ConvokeError =>
  new ConvokeError('LockLost', {
    what: `"${verb}" stopped, because it lost its lock on ${deployment}.`,
    why: `${loss} A lock expires after ${LEASE_MS / 60_000} minutes without renewal.`,
    now: 'Run the same command again: it continues from where it stopped.',
    cause,
  });
