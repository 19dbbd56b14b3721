import { get as request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { PORTS } from '../../../contract/ports.js';
import type { Conferences } from '../../access/conferences.js';

/** Result of a request that Jicofo can always answer. */
export type Probe = 'answers' | 'silent' | 'refuses';

/** Milliseconds that Jicofo has for an answer. */
const PATIENCE = 1_000;

/**
 * Milliseconds that a caller waits for an answer of Jicofo; after that, Jicofo's last answer counts. nginx allows 900,
 * and on a busy machine it and this process have to wait for a processor, too.
 */
const PROMPT = 300;

/**
 * Milliseconds of silence after which Jicofo counts as dead. Its JVM may stop for garbage collection, or wait for a
 * processor, for more than a second.
 */
const SILENT_FOR = 3_000;

/** The same while conferences are being opened: Jicofo's own timeout for Prosody is 15 s, and then it answers. */
const BUSY_FOR = 17_000;

/**
 * Whether Jicofo is alive. A refused connection means no. Silence, counted from Jicofo's last answer to anything, may
 * mean that all its threads wait for Prosody: its meetings go on, and reporting the shard as down would end them all.
 */
export function isAlive(probe: Probe, { waiting, answeredAt }: Conferences['load'], now: number): boolean {
  if (probe === 'silent') return now - answeredAt < (waiting > 0 ? BUSY_FOR : SILENT_FOR);
  return probe === 'answers';
}

/**
 * Probes Jicofo and keeps track of its last answer. There is one probe at a time, also for several callers: a thread
 * that hangs must not be joined by others.
 */
export function jicofoHealth(
  conferences: Conferences,
  { base = `http://127.0.0.1:${PORTS.jicofo}`, now = Date.now }: { base?: string; now?: () => number } = {},
): () => Promise<boolean> {
  let answeredAt = now();
  let last: Probe = 'silent';
  let probing: Promise<void> | undefined;
  const probe = async () => {
    last = await ask(`${base}/about/version`);
    if (last === 'answers') answeredAt = now();
  };
  return async () => {
    probing ??= probe().finally(() => {
      probing = undefined;
    });
    const answered = await Promise.race([probing.then(() => true), wait(PROMPT, false)]);
    const { load } = conferences;
    const since = { ...load, answeredAt: Math.max(answeredAt, load.answeredAt) };
    return isAlive(answered ? last : 'silent', since, now());
  };
}

/** Uses a new connection: a kept-alive one may belong to a thread that is waiting. */
function ask(url: string): Promise<Probe> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false }, (answer) => {
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
