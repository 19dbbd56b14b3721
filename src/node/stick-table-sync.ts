import { writeFile } from 'node:fs/promises';
import waitFor from 'p-wait-for';
import { STICK_TABLE_SYNCED_FILE, STICK_TABLE_SYNCED_PATH } from '../contract/machine-layout.js';
import { PORTS } from '../contract/ports.js';
import { haproxyCommand } from './haproxy-socket.js';

/**
 * Milliseconds between checks. HAProxy waits 5 s for the process that it replaces, and 5 s more for a remote peer.
 */
const CHECK_INTERVAL = 250;

/** Timeout in milliseconds for asking another edge whether it is synchronized. */
const TIMEOUT = 3_000;

/**
 * HAProxy's peers flags (`peers-t.h` of 3.0): the resynchronization from the local process and from remote peers is
 * finished; and a full table was received. Without the latter HAProxy timed out, or received a partial table from a
 * peer that was still synchronizing.
 */
const FINISHED = 0x3;
const FULL_TABLE = 0x3000000;

/** `incomplete`: other edges have more entries than HAProxy will request. */
export type StickTableSync = 'synced' | 'waiting' | 'incomplete';

/**
 * Waits until this edge has the stick table of rooms, then reports it to the load balancer through nginx and HAProxy.
 * An edge that took requests earlier would send participants of one room to two shards. Rejects if HAProxy has to be
 * restarted to receive the full table.
 */
export async function waitForStickTable(): Promise<void> {
  const state = await waitFor(
    async () => {
      const shown = await haproxyCommand('show peers').catch(() => '');
      // A synchronized edge asks no others: a dead one would delay it.
      const answers = hasFullTable(shown) ? [] : await Promise.all(others(shown).map(isSynced));
      const now = syncState(shown, answers);
      return now !== 'waiting' && waitFor.resolveWith(now);
    },
    { interval: CHECK_INTERVAL },
  );
  if (state === 'incomplete')
    throw new Error('the stick table is incomplete, and HAProxy requests it only once per start');
  await writeFile(STICK_TABLE_SYNCED_FILE, 'synced\n');
}

/**
 * Evaluates HAProxy’s `show peers`, and whether each other edge is synchronized; undefined if that edge does not
 * answer.
 */
export function syncState(shown: string, answers: readonly (boolean | undefined)[]): StickTableSync {
  if (shown === '') return 'waiting';
  // In a new deployment no edge waits for another.
  if (hasFullTable(shown) || answers.every((synced) => synced === false)) return 'synced';
  if ((flagsOf(shown) & FINISHED) !== FINISHED) return 'waiting';
  if (answers.includes(true)) return 'incomplete';
  // A connected peer is not dead, even if it does not answer here.
  return /\(remote,\w+\).* last_status=ESTA/.test(shown) ? 'waiting' : 'synced';
}

const flagsOf = (shown: string): number => Number(/ flags=(0x\w+)/.exec(shown)?.[1] ?? 0);
const hasFullTable = (shown: string): boolean => (flagsOf(shown) & FULL_TABLE) !== 0;

/** Addresses of the other edges. */
export function others(shown: string): string[] {
  return [...shown.matchAll(/\(remote,\w+\) addr=(\S+):\d+/g)].flatMap(([, address]) => address ?? []);
}

async function isSynced(address: string): Promise<boolean | undefined> {
  const url = `http://${address}:${PORTS.web}${STICK_TABLE_SYNCED_PATH}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) }).catch(() => undefined);
  return answer?.ok;
}
