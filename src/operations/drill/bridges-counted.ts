import type { Account } from '../../cloud/account.js';
import type { Machine } from '../../cloud/machines.js';
import { poll } from '../../cloud/poll.js';
import type { Deployment } from '../../config/deployment.js';
import { latestMetrics } from '../latest-metrics.js';

/**
 * A shard counts its usable bridges every 5 s and reports changes, so a report that is newer than this may be out of date.
 */
const REPORTED_WITHIN_MS = 10_000;

export interface BridgesCountedOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly signal?: AbortSignal | undefined;
  /** Number of bridges that every shard should be able to use. */
  readonly wanted: number;
  /** Machines that were replaced: of their shards, only reports of the new ones count. */
  readonly gone: readonly Machine[];
  /** When they were broken, in milliseconds since the epoch. */
  readonly since: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Waits until every shard counts this number of bridges. Returns false after a timeout. */
export async function bridgesCounted(options: BridgesCountedOptions): Promise<boolean> {
  const { account, deployment, signal, wanted, gone, since, timeout } = options;
  await account.clock.wait(REPORTED_WITHIN_MS, signal);
  const { inTime } = await poll(
    account,
    { every: 5_000, timeout, signal },
    () => latestMetrics(account, deployment),
    ({ shards }) =>
      shards.every(
        ({ shard, bridges = 0, counted }) =>
          bridges >= wanted && (!gone.some((machine) => machine.shard === shard) || Number(counted) > since),
      ),
  );
  return inTime;
}
