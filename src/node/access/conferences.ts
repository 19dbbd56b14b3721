import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { PORTS } from '../../contract/ports.js';
import { FairQueue } from './fair-queue.js';

/** What Jicofo says of a conference, as far as clients use it. */
const Opened = z.object({
  ready: z.boolean(),
  focusJid: z.string(),
  properties: z.record(z.string(), z.string()).default({}),
});
export type Opened = z.infer<typeof Opened>;

/** `failed`: Jicofo did not open it. `busy`: it was not even asked, others come first. */
export type Outcome = Opened | 'failed' | 'busy';

export interface Conferences {
  /** Has Jicofo open the room, unless it is open. `network`: of the participant who asks. */
  open(address: string, properties: Readonly<Record<string, string>>, network: string): Promise<Outcome>;
  /** Whether Jicofo opened the room a moment ago, so that opening it again costs it nothing. */
  isOpen(address: string): boolean;
  /** What Jicofo's health is judged by. */
  readonly load: { readonly waiting: number; readonly answeredAt: number };
}

export interface ConferenceRules {
  /** Requests that Jicofo has at the same time. */
  readonly atOnce: number;
  /** Requests that wait for that; more are refused. */
  readonly queue: number;
  /** Milliseconds that a request waits in the queue. */
  readonly patience: number;
  /** Milliseconds that Jicofo has. Longer than its own patience with Prosody, 15 s. */
  readonly limit: number;
}

export const CONFERENCES: ConferenceRules = {
  atOnce: Math.max(1, availableParallelism() - 1),
  queue: 500,
  patience: 10_000,
  limit: 25_000,
};

/** Milliseconds for which a room is taken to be open. Jicofo leaves a room that nobody enters after 15 s. */
const OPEN_FOR = 10_000;

/**
 * All requests for conferences go to Jicofo through here. Jicofo answers HTTP with as many threads as there are processors,
 * and one that waits for Prosody answers nobody else: so one thread is always left alone, and of requests for one room only
 * the first is passed on. Requests that wait are passed on in turn by network, so that a stranger who opens many rooms delays
 * nobody's meeting.
 */
export function conferences(rules: ConferenceRules, base = `http://127.0.0.1:${PORTS.jicofo}`): Conferences {
  const opening = new Map<string, Promise<Outcome>>();
  const openUntil = new Map<string, number>();
  const queue = new FairQueue<() => void>();
  let running = 0;
  let answeredAt = Date.now();

  const place = (network: string): Promise<boolean> => {
    if (running < rules.atOnce) {
      running++;
      return Promise.resolve(true);
    }
    if (queue.size >= rules.queue) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        queue.remove(network, next);
        resolve(false);
      }, rules.patience);
      const next = () => {
        clearTimeout(timer);
        resolve(true);
      };
      queue.add(network, next);
    });
  };
  const leave = () => {
    const next = queue.next();
    if (next) next();
    else running--;
  };

  async function ask(
    room: string,
    properties: Readonly<Record<string, string>>,
    network: string,
  ): Promise<Outcome> {
    if (!(await place(network))) return 'busy';
    try {
      const answer = await fetch(`${base}/conference-request/v1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ room, properties }),
        signal: AbortSignal.timeout(rules.limit),
      });
      const value: unknown = await answer.json().catch(() => undefined);
      answeredAt = Date.now();
      const opened = answer.ok ? Opened.safeParse(value).data : undefined;
      if (!opened) return 'failed';
      if (opened.ready) remember(room, answeredAt);
      return opened;
    } catch {
      return 'failed';
    } finally {
      leave();
    }
  }

  function remember(room: string, now: number): void {
    openUntil.delete(room);
    openUntil.set(room, now + OPEN_FOR);
    for (const [other, until] of openUntil) {
      if (until > now) break;
      openUntil.delete(other);
    }
  }

  return {
    open(room, properties, network) {
      const asked = opening.get(room) ?? ask(room, properties, network).finally(() => opening.delete(room));
      opening.set(room, asked);
      return asked;
    },
    isOpen: (room) => opening.has(room) || (openUntil.get(room) ?? 0) > Date.now(),
    get load() {
      return { waiting: running, answeredAt };
    },
  };
}
