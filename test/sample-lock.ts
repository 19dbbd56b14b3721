import type { Holder } from '../src/cloud/lock-protocol.js';

/** A command on a host. */
export const holderOn = (host: string, pid = 7): Holder => ({
  verb: 'up',
  who: 'arn:aws:iam::123456789012:user/ada',
  host,
  pid,
  since: '2026-11-25T11:00:00Z',
});

/** The value of the first write of a lock. */
export const write = (id: string, holder: Holder | null): string =>
  JSON.stringify({ id, after: null, holder });
