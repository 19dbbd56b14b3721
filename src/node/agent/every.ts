import { setTimeout as wait } from 'node:timers/promises';
import { log, sentence } from './log.js';

/**
 * Runs `act` every `period` milliseconds, measured from start to start, until the process ends. Failures never end
 * the loop: a failure is logged when it starts or changes, and when it is over.
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
    if (now !== failure) {
      if (now === undefined) log.info(`${what} works again`);
      else log.warning(`${what} failed: ${now}`);
    }
    failure = now;
    const pause = typeof period === 'number' ? period : period();
    await wait(Math.max(0, pause - (Date.now() - began)));
  }
}
