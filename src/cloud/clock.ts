import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './account.js';

/** The system clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  wait: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  },
};
