import type { Diagnostics } from '../../contract/log-lines.js';

/** How many bytes of one daemon are sent. CloudWatch charges by the byte. */
export interface Rate {
  /** Bytes a minute, on average. */
  readonly perMinute: number;
  /** Bytes that may be sent at once after a quiet time. Provisioning writes about 100 KiB. */
  readonly burst: number;
}

/**
 * A daemon that logs without end costs at most 0.7 GB a month, or 5.7 GB with `full`. Each daemon has its own
 * allowance, so that the lines of others are still sent.
 */
export const RATES: Readonly<Record<Diagnostics, Rate>> = {
  redacted: { perMinute: 16 * 1024, burst: 512 * 1024 },
  full: { perMinute: 128 * 1024, burst: 2 * 1024 * 1024 },
};

/** Milliseconds between two lines about dropped lines of one daemon. */
const REPORT_EVERY = 60_000;

interface Account {
  bytes: number;
  filledAt: number;
  dropped: { lines: number; bytes: number; reportedAt: number };
}

/** Lines that were dropped since the last report. */
export interface Dropped {
  readonly daemon: string;
  readonly lines: number;
  readonly bytes: number;
}

/** A token bucket for each daemon. Times are milliseconds. */
export class Allowance {
  private readonly accounts = new Map<string, Account>();

  constructor(private readonly rate: Rate) {}

  /** Whether a line of this size may be sent; if not, it is counted. */
  take(daemon: string, bytes: number, now: number): boolean {
    const account = this.account(daemon, now);
    const earned = (Math.max(0, now - account.filledAt) * this.rate.perMinute) / 60_000;
    account.bytes = Math.min(this.rate.burst, account.bytes + earned);
    account.filledAt = now;
    if (bytes <= account.bytes) {
      account.bytes -= bytes;
      return true;
    }
    account.dropped.lines += 1;
    account.dropped.bytes += bytes;
    return false;
  }

  /** What was dropped, at most once a minute for each daemon. */
  report(now: number): Dropped[] {
    return [...this.accounts].flatMap(([daemon, { dropped }]) => {
      if (dropped.lines === 0 || now - dropped.reportedAt < REPORT_EVERY) return [];
      const { lines, bytes } = dropped;
      Object.assign(dropped, { lines: 0, bytes: 0, reportedAt: now });
      return [{ daemon, lines, bytes }];
    });
  }

  private account(daemon: string, now: number): Account {
    const known = this.accounts.get(daemon);
    if (known) return known;
    const dropped = { lines: 0, bytes: 0, reportedAt: Number.NEGATIVE_INFINITY };
    const created = { bytes: this.rate.burst, filledAt: now, dropped };
    this.accounts.set(daemon, created);
    return created;
  }
}
