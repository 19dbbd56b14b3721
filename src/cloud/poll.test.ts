import { expect, it } from 'vitest';
import type { Account } from './account.js';
import { pause, poll } from './poll.js';

/** An account in which time passes only by waiting. */
function accountWith(pollInterval?: number) {
  let time = 0;
  const waits: number[] = [];
  const account: Account = {
    region: 'eu-central-1',
    credentials: async () => ({ accessKeyId: 'x', secretAccessKey: 'x' }),
    clock: {
      now: () => new Date(time),
      wait: async (milliseconds, signal) => {
        signal?.throwIfAborted();
        waits.push(milliseconds);
        time += milliseconds;
      },
    },
    dns: { kind: 'nowhere' },
    lacks: [],
    ...(pollInterval && { pollInterval }),
  };
  return { account, waits };
}

it('polls until the condition holds, without a wait if it holds from the start', async () => {
  const { account, waits } = accountWith();
  let looks = 0;
  const look = async () => ++looks;
  expect(await poll(account, { every: 5_000 }, look, (seen) => seen === 1)).toEqual({
    last: 1,
    inTime: true,
  });
  expect(waits).toEqual([]);
  expect(await poll(account, { every: 5_000 }, look, (seen) => seen === 4)).toEqual({
    last: 4,
    inTime: true,
  });
  expect(waits).toEqual([5_000, 5_000]);
});

it('returns the last value after a timeout', async () => {
  const { account, waits } = accountWith();
  const look = async () => `look ${waits.length}`;
  const polled = await poll(account, { every: 5_000, timeout: 12_000 }, look, () => false);
  expect(polled).toEqual({ last: 'look 3', inTime: false });
});

it('uses the interval of an account that is not AWS', async () => {
  const { account, waits } = accountWith(300);
  await pause(account, 5_000);
  expect(waits).toEqual([300]);
  await expect(pause(account, 5_000, AbortSignal.abort())).rejects.toThrow();
});
