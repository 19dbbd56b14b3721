import { describe, expect, it, vi } from 'vitest';
import { Allowance } from './allowance.js';
import { batches, LIMITS, sizeOf } from './batch.js';
import { ship } from './shipper.js';

describe('requests', () => {
  const event = (timestamp: number, size = 10) => ({ timestamp, message: 'x'.repeat(size) });

  it('have at most the number of events and bytes that CloudWatch accepts', () => {
    for (const [count, size] of [
      [25_000, 1],
      [3_000, 8_000],
    ] as const) {
      const all = batches(Array.from({ length: count }, (_, index) => event(index, size)));
      expect(all.flat()).toHaveLength(count);
      for (const batch of all) {
        expect(batch.length).toBeLessThanOrEqual(LIMITS.events);
        expect(batch.reduce((sum, one) => sum + sizeOf(one), 0)).toBeLessThanOrEqual(LIMITS.bytes);
      }
    }
  });

  it('are in order of time, and within a day', () => {
    const all = batches([event(LIMITS.span), event(5), event(0)]);
    expect(all.map((batch) => batch.map(({ timestamp }) => timestamp))).toEqual([[0, 5], [LIMITS.span]]);
  });
});

describe('the allowance', () => {
  const rate = { perMinute: 600, burst: 1_000 };

  it('limits a daemon to its rate, and reports what was dropped once a minute', () => {
    const allowance = new Allowance(rate);
    const kept = Array.from({ length: 100 }, (_, second) => allowance.take('jicofo', 100, second * 1_000));
    // 1000 bytes at once, and 10 a second for 99 seconds.
    expect(kept.filter(Boolean)).toHaveLength(19);
    expect(allowance.report(99_000)).toEqual([{ daemon: 'jicofo', lines: 81, bytes: 8_100 }]);
    expect(allowance.take('jicofo', 1_000, 99_000)).toBe(false);
    expect(allowance.report(100_000)).toEqual([]);
    expect(allowance.report(159_000)).toEqual([{ daemon: 'jicofo', lines: 1, bytes: 1_000 }]);
  });

  it('of one daemon does not depend on the others', () => {
    const allowance = new Allowance(rate);
    while (allowance.take('jicofo', 100, 0));
    expect(allowance.take('prosody', 100, 0)).toBe(true);
  });
});

describe('sending', () => {
  const agent = (text: string, cursor: number) =>
    JSON.stringify({
      __CURSOR: `s=${cursor}`,
      __REALTIME_TIMESTAMP: String(cursor * 1_000),
      PRIORITY: '6',
      _SYSTEMD_UNIT: 'convoke-agent.service',
      MESSAGE: text,
    });
  const given = (...lines: string[]) =>
    (async function* () {
      yield* lines;
    })();

  it('sends what is left when the journal ends, and saves the cursor after it', async () => {
    const done: unknown[] = [];
    await ship({
      lines: given(agent('one', 1), 'not JSON', agent('two', 2)),
      diagnostics: 'redacted',
      send: async (events) => void done.push(events.map(({ message }) => JSON.parse(message).text)),
      save: async (cursor) => void done.push(cursor),
      stop: new AbortController().signal,
    });
    expect(done).toEqual([['one', 'two'], 's=2']);
  });

  it('reads no further while CloudWatch refuses, and sends everything later', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let read = 0;
    const endless = (async function* () {
      for (; read < 20_000; read++) yield agent('x'.repeat(20), read + 1);
    })();
    let refused = 0;
    let readThen = 0;
    const texts: string[] = [];
    await ship({
      lines: endless,
      diagnostics: 'redacted',
      send: async (events) => {
        if (refused++ === 0) {
          readThen = read;
          throw new Error('throttled');
        }
        expect(refused > 2 || read).toBe(refused > 2 || readThen);
        texts.push(...events.map(({ message }) => JSON.parse(message).text));
      },
      save: async () => {},
      stop: new AbortController().signal,
    });
    vi.useRealTimers();
    expect(readThen).toBeLessThan(6_000);
    // The burst of one daemon, and a line that says how many were dropped.
    expect(texts.filter((text) => text.startsWith('xx')).length).toBeGreaterThan(5_000);
    expect(texts.at(-1)).toMatch(/^\d+ lines of agent \(\d+ KiB\) were not sent/);
  });
});
