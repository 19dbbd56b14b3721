import { writeFile } from 'node:fs/promises';
import waitFor from 'p-wait-for';
import { STICK_TABLE_SYNCED_FILE, STICK_TABLE_SYNCED_PATH } from '../contract/machine-layout.js';
import { PORTS } from '../contract/ports.js';
import { haproxyCommand } from './haproxy-socket.js';

/** Milliseconds between two looks. HAProxy waits 5 s for a process that it may relieve, and 5 s more for another machine. */
const LOOK_EVERY = 250;

/** Milliseconds that another edge may take to say whether it knows. */
const PATIENCE = 3_000;

/**
 * HAProxy's flags (`peers-t.h` of 3.0): it asks neither the process before it nor other machines any more; and one of
 * them has told it everything. Without the latter it has waited in vain, or heard a part from somebody who was learning.
 */
const OVER = 0x3;
const HEARD_ALL = 0x3000000;

/** How it stands with what an edge has to know. `incomplete`: others know more than it will ever ask them for. */
export type StickTableSync = 'known' | 'awaited' | 'incomplete';

/**
 * Waits until the edge of this machine knows which room is where, then says so to the load balancer, by way of nginx and
 * HAProxy. An edge that took requests before would send people of one room to two shards. Rejects where HAProxy has to be
 * started again to hear all of it.
 */
export async function waitForStickTable(): Promise<void> {
  const settled = await waitFor(
    async () => {
      const shown = await haproxyCommand('show peers').catch(() => '');
      // Who has heard everything asks nobody: one that is dead would keep it waiting.
      const answers = hasHeardAll(shown) ? [] : await Promise.all(others(shown).map(knows));
      const now = knowledge(shown, answers);
      return now !== 'awaited' && waitFor.resolveWith(now);
    },
    { interval: LOOK_EVERY },
  );
  if (settled === 'incomplete')
    throw new Error('others have told only a part of what they know, and HAProxy asks but once');
  await writeFile(STICK_TABLE_SYNCED_FILE, 'it knows\n');
}

/**
 * What follows from HAProxy’s answer to `show peers`, and from what others say of themselves: whether they know;
 * undefined where one does not answer.
 */
export function knowledge(shown: string, answers: readonly (boolean | undefined)[]): StickTableSync {
  if (shown === '') return 'awaited';
  // Where everything is new, nobody waits for each other.
  if (hasHeardAll(shown) || answers.every((knows) => knows === false)) return 'known';
  if ((flagsOf(shown) & OVER) !== OVER) return 'awaited';
  if (answers.includes(true)) return 'incomplete';
  // Silence of somebody to whom there is a connection is not that of a dead machine.
  return /\(remote,\w+\).* last_status=ESTA/.test(shown) ? 'awaited' : 'known';
}

const flagsOf = (shown: string): number => Number(/ flags=(0x\w+)/.exec(shown)?.[1] ?? 0);
const hasHeardAll = (shown: string): boolean => (flagsOf(shown) & HEARD_ALL) !== 0;

/** The addresses of other machines' edges. */
export function others(shown: string): string[] {
  return [...shown.matchAll(/\(remote,\w+\) addr=(\S+):\d+/g)].flatMap(([, address]) => address ?? []);
}

async function knows(address: string): Promise<boolean | undefined> {
  const url = `http://${address}:${PORTS.web}${STICK_TABLE_SYNCED_PATH}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
  return answer?.ok;
}
