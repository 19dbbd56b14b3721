import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BridgeTransport, OPUS, SyntheticEndpoint, VP8 } from './synthetic-endpoint.js';

/**
 * What Jicofo asks a bridge for when somebody joins, cut down to what makes Videobridge load everything that it needs
 * for it. The names are those of colibri2, as Videobridge's REST interface takes them.
 */
const TRANSPORT = { 'ice-controlling': false, sctp: {} };
const MEDIAS = [
  { type: 'audio', 'payload-types': [{ id: OPUS, name: 'opus', clockrate: 48_000, channels: 2 }] },
  { type: 'video', 'payload-types': [{ id: VP8, name: 'VP8', clockrate: 90_000 }] },
];
const endpoint = (name: string) => ({
  create: true,
  id: name,
  // Videobridge gives nobody a place whose sources have no names.
  capabilities: ['source-names'],
  medias: MEDIAS,
  transport: TRANSPORT,
});
/** A way to another bridge. */
const LINK = {
  create: true,
  id: 'convoke-link',
  'mesh-id': 'convoke',
  medias: MEDIAS,
  transport: { ...TRANSPORT, 'use-unique-port': false },
};

/** The places that the bridge has made. A fake makes none that could be gone to. */
const Made = z.object({
  endpoints: z
    .array(z.object({ transport: z.object({ transport: BridgeTransport }).optional() }))
    .default([]),
});

/** Who meets. */
const NAMES = ['convoke-a', 'convoke-b'];

/**
 * How many meetings they hold, one after another, since Java makes what is done often fast. Keys and a data channel took a
 * Videobridge that had just started 0.56 s for its first guest, 0.28 s after one meeting, 0.16 s after eight, and no less
 * after sixteen. Where it takes longer over its part than a browser waits, which is 50 ms, the browser sends its own again,
 * and Videobridge may leave what comes after that unread for seconds (docs/findings.md).
 */
const MEETINGS = 8;

/** Milliseconds in which the guests of each talk: 20 packets of sound and of picture each. */
const TALK_MS = 400;

/** Sends one request of colibri2 to the bridge: what it answers. Rejects with what it says against it. */
export type Ask = (request: object) => Promise<unknown>;

/** How much a warm-up has warmed up. */
export interface WarmUp {
  /** Packets of sound and picture that the bridge sent on to its guests. */
  readonly packets: number;
}

/**
 * Has the bridge hold meetings of two guests of this machine, who see and hear each other. A Videobridge that has just
 * started takes seconds over its first place, its first keys and its first packets, and longer the busier its machine is. A
 * person who is put there waits for that; and Jicofo, which hears nothing meanwhile, may give everybody in the meeting yet
 * another place.
 */
export async function warmUp(ask: Ask): Promise<WarmUp> {
  let packets = 0;
  for (let meeting = 0; meeting < MEETINGS; meeting++) packets += await meet(ask);
  return { packets };
}

/** Holds one meeting, and ends it: how many packets came. */
async function meet(ask: Ask): Promise<number> {
  const meeting = { 'meeting-id': randomUUID() };
  const guests: SyntheticEndpoint[] = [];
  try {
    // One by one, and links for themselves: Videobridge refuses requests about several.
    for (const [index, name] of NAMES.entries()) {
      const making = index === 0 ? { create: true, name: 'warm-up@convoke' } : {};
      const made = Made.parse(await ask({ ...meeting, ...making, endpoints: [endpoint(name)] }));
      const place = made.endpoints[0]?.transport?.transport;
      if (!place) continue;
      const guest = new SyntheticEndpoint(name, place);
      guests.push(guest);
      const { transport, sources } = await guest.answer();
      await ask({ ...meeting, endpoints: [{ id: name, transport: { transport }, sources }] });
    }
    await ask({ ...meeting, relays: [LINK] });
    await Promise.all(guests.map((guest) => guest.beConnected()));
    await Promise.all(guests.map((guest) => guest.talk(TALK_MS)));
    return guests.reduce((sum, { received }) => sum + received, 0);
  } finally {
    await Promise.all(guests.map((guest) => guest.leave()));
    // Why it cannot be ended says less than why it could not be held.
    await ask({ ...meeting, expire: true }).catch(() => {});
  }
}
