import { get as request } from 'node:http';
import { PORTS } from '../../../contract/ports.js';
import type { Conferences } from '../../access/conferences.js';

/** Result of a request that Jicofo can always answer. */
export type Probe = 'answers' | 'silent' | 'refuses';

/** Milliseconds that Jicofo has for an answer. Edges allow 2 s for theirs. */
const PATIENCE = 1_000;

/**
 * Milliseconds of silence that are attributed to conferences being opened, counted from Jicofo's last answer to
 * anything: Jicofo's own timeout for Prosody is 15 s, and then it answers.
 */
const BUSY_FOR = 17_000;

/**
 * Whether Jicofo is alive. A refused connection means no. Silence may mean that all its threads wait for Prosody: its
 * meetings go on, and reporting the shard as down would end them all.
 */
export function isAlive(probe: Probe, { waiting, answeredAt }: Conferences['load'], now: number): boolean {
  if (probe === 'silent') return waiting > 0 && now - answeredAt < BUSY_FOR;
  return probe === 'answers';
}

/** Probes Jicofo and keeps track of its last answer. */
export function jicofoHealth(
  conferences: Conferences,
  base = `http://127.0.0.1:${PORTS.jicofo}`,
): () => Promise<boolean> {
  let answeredAt = Date.now();
  return async () => {
    const probe = await ask(`${base}/about/version`);
    const now = Date.now();
    if (probe === 'answers') answeredAt = now;
    const { load } = conferences;
    return isAlive(probe, { ...load, answeredAt: Math.max(answeredAt, load.answeredAt) }, now);
  };
}

/** Uses a new connection: a kept-alive one may belong to a thread that is waiting. */
function ask(url: string): Promise<Probe> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: PATIENCE }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode === 200 ? 'answers' : 'refuses'));
    });
    const timer = setTimeout(() => {
      resolve('silent');
      asked.destroy();
    }, PATIENCE);
    asked.once('error', () => resolve('refuses'));
    asked.once('close', () => clearTimeout(timer));
  });
}
