import { writeFile } from 'node:fs/promises';
import waitFor from 'p-wait-for';
import { askHaproxy } from './ask-haproxy.js';
import { PORTS } from './ports.js';
import { EDGE_KNOWS_FILE, EDGE_KNOWS_PATH } from './render/haproxy.js';

/** Milliseconds between two looks. HAProxy waits 5 s for a process that it may relieve, and 5 s more for another machine. */
const LOOK_EVERY = 250;

/** HAProxy's flags: it need not learn any more from the process before it, nor from other machines. */
const LEARNT = 0x3;

/**
 * Waits until the edge of this machine knows which room is where, then says so to the load balancer, by way of nginx and
 * HAProxy. An edge that took requests before would send people of one room to two shards.
 */
export async function untilRoomsAreKnown(): Promise<void> {
  const areKnown = async () => {
    const peers = await askHaproxy('show peers').catch(() => '');
    return hasLearnt(peers) || (peers !== '' && !(await anyKnows(others(peers))));
  };
  await waitFor(areKnown, { interval: LOOK_EVERY });
  await writeFile(EDGE_KNOWS_FILE, 'it knows\n');
}

/** Whether HAProxy has heard what others remember, or has given up waiting for it. `shown`: its answer to `show peers`. */
export function hasLearnt(shown: string): boolean {
  return (Number(/ flags=(0x\w+)/.exec(shown)?.[1] ?? 0) & LEARNT) === LEARNT;
}

/** The addresses of other machines' edges. */
export function others(shown: string): string[] {
  return [...shown.matchAll(/\(remote,\w+\) addr=(\S+):\d+/g)].flatMap(([, address]) => address ?? []);
}

/** Whether there is anybody to learn from. Where everything is new, nobody waits for each other. */
async function anyKnows(addresses: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(addresses.map(knows));
  return answers.includes(true);
}

async function knows(address: string): Promise<boolean> {
  const url = `http://${address}:${PORTS.web}${EDGE_KNOWS_PATH}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  return answer?.ok === true;
}
