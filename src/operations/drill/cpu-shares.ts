import { readFileSync } from 'node:fs';

/** Processor time of this machine since its start, in kernel ticks, over all cores. */
export interface Ticks {
  /** Used by processes of this machine. */
  readonly busy: number;
  /** Used by other guests of the hypervisor while processes here were runnable: steal time. */
  readonly taken: number;
  readonly idle: number;
}

/** Shares of the processor's time, 0 to 1. */
export interface ProcessorShares {
  readonly busy: number;
  readonly taken: number;
}

/** Undefined if this is not Linux. */
export function readTicks(): Ticks | undefined {
  try {
    return parseTicks(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** The first line of `/proc/stat`; see proc_stat(5). */
export function parseTicks(text: string): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = (
    text.split('\n')[0] ?? ''
  )
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { busy: user + nice + system + irq + softirq, taken: steal, idle: idle + iowait };
}

/** Use of processor time between two samples; undefined if no time has passed. */
export function shares(from: Ticks | undefined, to: Ticks | undefined): ProcessorShares | undefined {
  if (!from || !to) return undefined;
  const [busy, taken, idle] = [to.busy - from.busy, to.taken - from.taken, to.idle - from.idle];
  const all = busy + taken + idle;
  return all > 0 ? { busy: busy / all, taken: taken / all } : undefined;
}
