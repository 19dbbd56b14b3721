import { describe, expect, it } from 'vitest';
import { pings, retryDelay, shardCheckDelay } from './web-client.js';

describe('the web client', () => {
  it('pings as configured, or with the client’s defaults', () => {
    expect(pings({})).toEqual({ interval: 10_000, timeout: 5_000, threshold: 2 });
    expect(pings({ xmppPing: { interval: 3_000, threshold: 1 } })).toEqual({
      interval: 3_000,
      timeout: 5_000,
      threshold: 1,
    });
  });

  it('waits longer before each retry', () => {
    expect([1, 2, 3].map((retry) => retryDelay(retry, () => 0))).toEqual([1_500, 3_000, 4_500]);
    expect([1, 2, 3].map((retry) => retryDelay(retry, () => 1))).toEqual([3_000, 9_000, 27_000]);
  });

  it('checks the shard of its room within its interval plus a minute', () => {
    expect(shardCheckDelay({}, () => 0.5)).toBe(90_000);
    expect(shardCheckDelay({ websocketKeepAlive: 10_000 }, () => 1)).toBe(70_000);
    expect(shardCheckDelay({ websocketKeepAlive: -1 }, () => 1)).toBeUndefined();
  });
});
