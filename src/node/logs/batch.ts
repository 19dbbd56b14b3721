/** An event of CloudWatch Logs. `timestamp`: milliseconds since 1970. */
export interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

/**
 * Limits of one PutLogEvents request (CloudWatch Logs API). The size is the sum of all messages in UTF-8, and 26 bytes
 * for each event. One event may have 1 MB; ours have at most 8 KiB of text.
 */
export const LIMITS = {
  bytes: 1_048_576,
  events: 10_000,
  bytesPerEvent: 26,
  span: 24 * 60 * 60_000,
} as const;

export const sizeOf = ({ message }: LogEvent): number => Buffer.byteLength(message) + LIMITS.bytesPerEvent;

/** Events as requests: in order of time, each within the limits. */
export function batches(events: readonly LogEvent[]): LogEvent[][] {
  const found: LogEvent[][] = [];
  let bytes = 0;
  for (const event of [...events].sort((a, b) => a.timestamp - b.timestamp)) {
    const size = sizeOf(event);
    const current = found.at(-1);
    const first = current?.[0];
    const fits =
      current &&
      first &&
      current.length < LIMITS.events &&
      bytes + size <= LIMITS.bytes &&
      event.timestamp - first.timestamp < LIMITS.span;
    if (fits) {
      current.push(event);
      bytes += size;
    } else {
      found.push([event]);
      bytes = size;
    }
  }
  return found;
}
