import { setTimeout as wait } from 'node:timers/promises';
import { type Diagnostics, WARNING } from '../../contract/log-lines.js';
import { log, sentence } from '../agent/log.js';
import { Allowance, RATES } from './allowance.js';
import { LIMITS, type LogEvent, sizeOf } from './batch.js';
import { JournalEntry, type SelectedLine, Selection } from './journal-entry.js';
import type { Send } from './log-group.js';

/** Milliseconds between two requests. Lines that arrive in between are sent together. */
const COLLECT_FOR = 2_000;

/** Milliseconds before another attempt, doubled with each. */
const RETRY = { first: 1_000, most: 60_000 };

export interface Shipping {
  /** Lines of `journalctl --output=json`. */
  readonly lines: AsyncIterable<string>;
  readonly diagnostics: Diagnostics;
  readonly send: Send;
  /** Stores the cursor of the last entry that was sent or dropped. */
  readonly save: (cursor: string) => Promise<void>;
  /** Ends it: what was read is sent once. */
  readonly stop: AbortSignal;
}

/**
 * Sends lines until there are no more. While CloudWatch does not accept any, no further ones are read: they stay in the
 * journal, whose size is limited. Lines that were sent before a crash may be sent again.
 */
export async function ship({ lines, diagnostics, send, save, stop }: Shipping): Promise<void> {
  const selection = new Selection(diagnostics);
  const allowance = new Allowance(RATES[diagnostics]);
  let events: LogEvent[] = [];
  let bytes = 0;
  let cursor: string | undefined;
  let flushing: Promise<void> | undefined;

  const add = (line: SelectedLine, timestamp: number) => {
    if (!allowance.take(line.daemon, line.size + LIMITS.bytesPerEvent, Date.now())) return;
    const event = { timestamp, message: JSON.stringify(line.clean()) };
    events.push(event);
    bytes += sizeOf(event);
  };
  const read = (text: string) => {
    const entry = parse(text);
    if (!entry) return;
    cursor = entry.__CURSOR;
    const line = selection.line(entry);
    if (line) add(line, Math.floor(entry.__REALTIME_TIMESTAMP / 1_000));
  };
  const flush = async () => {
    const now = Date.now();
    for (const { daemon, lines: dropped, bytes: size } of allowance.report(now)) {
      const text = `${dropped} lines of ${daemon} (${Math.ceil(size / 1024)} KiB) were not sent: more than ${RATES[diagnostics].perMinute / 1024} KiB a minute. The machine's journal has them.`;
      events.push({ timestamp: now, message: JSON.stringify({ daemon: 'logs', level: WARNING, text }) });
    }
    if (events.length > 0) await patiently(() => send(events), stop);
    if (cursor) await save(cursor);
    events = [];
    bytes = 0;
  };

  const flushNow = () => {
    flushing ??= flush().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };
  const timer = setInterval(flushNow, COLLECT_FOR);
  try {
    for await (const text of lines) {
      await flushing;
      read(text);
      if (bytes > LIMITS.bytes / 2 || events.length > LIMITS.events / 2) await flushNow();
    }
  } finally {
    clearInterval(timer);
  }
  await flushing;
  await flush();
}

/** Repeats until it works. Once it is stopped, only the current attempt is completed. */
async function patiently(act: () => Promise<void>, stop: AbortSignal): Promise<void> {
  let failure: string | undefined;
  for (let pause = RETRY.first; ; pause = Math.min(RETRY.most, pause * 2)) {
    const now = await act().then(() => undefined, sentence);
    if (now !== failure) {
      if (now === undefined) log.info('sending lines works again');
      else log.warning(`lines could not be sent: ${now}`);
    }
    failure = now;
    if (now === undefined || stop.aborted) return;
    await wait(pause, undefined, { signal: stop }).catch(() => {});
  }
}

function parse(text: string): JournalEntry | undefined {
  try {
    return JournalEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
