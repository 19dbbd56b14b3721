import { setTimeout as wait } from 'node:timers/promises';
import { log, sentence } from './journal.js';

/**
 * Does something again and again, so many milliseconds after the last time began, until the process ends. Nothing that
 * fails ends it: a failure is said when it begins or is another one, and when it is over.
 */
export async function every(
  period: number | (() => number),
  what: string,
  act: () => Promise<void>,
): Promise<never> {
  let failure: string | undefined;
  for (;;) {
    const began = Date.now();
    const now = await act().then(() => undefined, sentence);
    if (now !== failure) log(now === undefined ? `${what}: well again` : `${what}: ${now}`);
    failure = now;
    const pause = typeof period === 'number' ? period : period();
    await wait(Math.max(0, pause - (Date.now() - began)));
  }
}
