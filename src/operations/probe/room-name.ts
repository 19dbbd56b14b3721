import { randomBytes } from 'node:crypto';
import type { EndpointOverride } from '../../cloud/account.js';
import { PageRequests } from './page-requests.js';

const PATIENCE_MS = 5_000;
/** Number of random names to try. With at most eight shards, at least one of them is almost certainly routed to a given shard. */
const MOST_NAMES = 60;

/** A unique room name. */
export const probeRoom = (): string => `convoke-probe-${randomBytes(6).toString('hex')}`;

/** A unique name, and the shard to which edges route it. Rejects if nothing answers. */
export async function roomName(
  domain: string,
  endpointOverride: EndpointOverride | undefined,
): Promise<{ name: string; shard: string }> {
  const name = probeRoom();
  const entry = new PageRequests(domain, endpointOverride, { room: name });
  try {
    const { shard } = await entry.config(AbortSignal.timeout(PATIENCE_MS));
    return { name, shard };
  } finally {
    await entry.close();
  }
}

/** A name that is routed to this shard; undefined if none is, or nothing answers. */
export async function roomOn(
  shard: string,
  domain: string,
  endpointOverride: EndpointOverride | undefined,
): Promise<string | undefined> {
  for (let tried = 0; tried < MOST_NAMES; tried++) {
    const found = await roomName(domain, endpointOverride).catch(() => undefined);
    if (!found) return undefined;
    if (found.shard === shard) return found.name;
  }
  return undefined;
}
