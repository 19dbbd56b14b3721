import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BridgeTransport, OPUS, SyntheticEndpoint, VP8 } from './synthetic-endpoint.js';

/**
 * What Jicofo requests from a bridge when a participant joins, reduced to what makes Videobridge load everything that
 * it needs. Names as in colibri2 over Videobridge's REST interface.
 */
const TRANSPORT = { 'ice-controlling': false, sctp: {} };
const MEDIAS = [
  { type: 'audio', 'payload-types': [{ id: OPUS, name: 'opus', clockrate: 48_000, channels: 2 }] },
  { type: 'video', 'payload-types': [{ id: VP8, name: 'VP8', clockrate: 90_000 }] },
];
const endpoint = (name: string) => ({
  create: true,
  id: name,
  // Videobridge rejects endpoints that do not support source names.
  capabilities: ['source-names'],
  medias: MEDIAS,
  transport: TRANSPORT,
});
/** A relay to another bridge. */
const RELAY = {
  create: true,
  id: 'convoke-link',
  'mesh-id': 'convoke',
  medias: MEDIAS,
  transport: { ...TRANSPORT, 'use-unique-port': false },
};

/** Response to the allocation of endpoints. The fake Videobridge allocates no transport. */
const Allocated = z.object({
  endpoints: z
    .array(z.object({ transport: z.object({ transport: BridgeTransport }).optional() }))
    .default([]),
});

const ENDPOINT_NAMES = ['convoke-a', 'convoke-b'];

/**
 * Number of conferences, one after another, because the JVM compiles hot code. DTLS and the data channel took a
 * Videobridge that had just started 0.56 s for its first endpoint, 0.28 s after one conference, 0.16 s after eight,
 * and no less after sixteen. When Videobridge takes longer over its part of the handshake than the 50 ms after which
 * browsers retransmit, it may leave what follows unread for seconds (docs/findings.md).
 */
const CONFERENCES = 8;

/** Milliseconds of media in each conference: 20 packets of audio and 20 of video per endpoint. */
const MEDIA_MS = 400;

/** Sends one colibri2 request to the bridge and returns the response. Rejects with the bridge's error. */
export type SendRequest = (request: object) => Promise<unknown>;

export interface WarmUp {
  /** Audio and video packets that the bridge forwarded to the endpoints. */
  readonly packets: number;
}

/**
 * Holds conferences of two synthetic endpoints on this bridge. A Videobridge that has just started takes seconds for
 * its first allocation, DTLS handshake and packets, and longer on a busy machine. Without a warm-up the first
 * participants wait for that, and Jicofo, which gets no response in time, may move the whole conference to another
 * bridge.
 */
export async function warmUp(send: SendRequest): Promise<WarmUp> {
  let packets = 0;
  for (let count = 0; count < CONFERENCES; count++) packets += await holdConference(send);
  return { packets };
}

/** Holds one conference and expires it. Returns how many packets were received. */
async function holdConference(send: SendRequest): Promise<number> {
  const conference = { 'meeting-id': randomUUID() };
  const endpoints: SyntheticEndpoint[] = [];
  try {
    // One request each: Videobridge rejects requests with several endpoints, or with endpoints and relays.
    for (const [index, name] of ENDPOINT_NAMES.entries()) {
      const creation = index === 0 ? { create: true, name: 'warm-up@convoke' } : {};
      const allocated = Allocated.parse(
        await send({ ...conference, ...creation, endpoints: [endpoint(name)] }),
      );
      const bridgeTransport = allocated.endpoints[0]?.transport?.transport;
      if (!bridgeTransport) continue;
      const synthetic = new SyntheticEndpoint(name, bridgeTransport);
      endpoints.push(synthetic);
      const { transport, sources } = await synthetic.answer();
      await send({ ...conference, endpoints: [{ id: name, transport: { transport }, sources }] });
    }
    await send({ ...conference, relays: [RELAY] });
    await Promise.all(endpoints.map((synthetic) => synthetic.waitUntilConnected()));
    await Promise.all(endpoints.map((synthetic) => synthetic.sendMedia(MEDIA_MS)));
    return endpoints.reduce((sum, { received }) => sum + received, 0);
  } finally {
    await Promise.all(endpoints.map((synthetic) => synthetic.leave()));
    // A failure here would hide the more useful error above.
    await send({ ...conference, expire: true }).catch(() => {});
  }
}
