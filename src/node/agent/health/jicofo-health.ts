import { get as request } from 'node:http';
import { PORTS } from '../../../contract/ports.js';
import type { Conferences } from '../../access/conferences.js';

/** What came of asking Jicofo something that it always knows. */
export type Probe = 'answers' | 'silent' | 'refuses';

/** Milliseconds that Jicofo has for an answer. Edges wait 2 s for theirs. */
const PATIENCE = 1_000;

/**
 * Milliseconds for which silence is put down to conferences that it is opening, counted from its last answer to anything:
 * its own patience with Prosody is 15 s, and then it answers.
 */
const BUSY_FOR = 17_000;

/**
 * Whether Jicofo lives. A connection that it refuses means that it does not. Silence may mean that all its threads wait for
 * Prosody: then its meetings go on, and they would all be lost if the shard were taken for dead.
 */
export function isAlive(probe: Probe, { waiting, answeredAt }: Conferences['load'], now: number): boolean {
  if (probe === 'silent') return waiting > 0 && now - answeredAt < BUSY_FOR;
  return probe === 'answers';
}

/** Asks Jicofo now. */
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

/** Over a connection of its own: those that are kept may belong to a thread that waits. */
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
