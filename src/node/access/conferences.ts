import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { PORTS } from '../../contract/ports.js';
import { FairQueue } from './fair-queue.js';

/** The part of Jicofo's response that clients use. */
const Opened = z.object({
  ready: z.boolean(),
  focusJid: z.string(),
  properties: z.record(z.string(), z.string()).default({}),
});
export type Opened = z.infer<typeof Opened>;

/** `failed`: Jicofo did not open it. `busy`: the request did not get its turn in time. */
export type Outcome = Opened | 'failed' | 'busy';

export interface Conferences {
  /** Has Jicofo open the room, unless it is open. `network`: the participant's network. */
  open(address: string, properties: Readonly<Record<string, string>>, network: string): Promise<Outcome>;
  /** Whether Jicofo opened the room recently, so that opening it again costs nothing. */
  isOpen(address: string): boolean;
  /** Load by which Jicofo's health is judged. */
  readonly load: { readonly waiting: number; readonly answeredAt: number };
}

export interface ConferenceRules {
  /** Concurrent requests to Jicofo. */
  readonly atOnce: number;
  /** Length of the queue; further requests are refused. */
  readonly queue: number;
  /** Milliseconds that a request may wait in the queue. */
  readonly patience: number;
  /** Milliseconds that Jicofo has to answer. Longer than its own timeout for Prosody, 15 s. */
  readonly limit: number;
}

export const CONFERENCES: ConferenceRules = {
  atOnce: Math.max(1, availableParallelism() - 1),
  queue: 500,
  patience: 10_000,
  limit: 25_000,
};

/** Milliseconds for which a room counts as open. Jicofo closes a room that nobody enters after 15 s. */
const OPEN_FOR = 10_000;

/**
 * All conference requests to Jicofo go through here. Jicofo has as many HTTP threads as processors, and a thread that
 * waits for Prosody serves nothing else: so one thread is always kept free, and of several requests for one room only
 * the first is sent. Queued requests are served in turn by network, so that a network that opens many rooms does not
 * delay other networks' meetings.
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
