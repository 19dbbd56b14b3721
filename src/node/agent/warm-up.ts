import { randomUUID } from 'node:crypto';

/**
 * What Jicofo asks a bridge for when somebody joins, cut down to what makes Videobridge load everything that it needs
 * for it: a participant with sound, picture and a data channel, and a link to another bridge. The names are those of
 * colibri2, as Videobridge's REST interface takes them.
 */
const TRANSPORT = { 'ice-controlling': true, sctp: {} };
const MEDIAS = [
  { type: 'audio', 'payload-types': [{ id: 111, name: 'opus', clockrate: 48_000, channels: 2 }] },
  { type: 'video', 'payload-types': [{ id: 100, name: 'VP8', clockrate: 90_000 }] },
];
const PARTICIPANT = {
  create: true,
  id: 'convoke',
  // Videobridge gives nobody a place whose sources have no names.
  capabilities: ['source-names'],
  medias: MEDIAS,
  transport: TRANSPORT,
};
const LINK = {
  create: true,
  id: 'convoke-link',
  'mesh-id': 'convoke',
  medias: MEDIAS,
  transport: { ...TRANSPORT, 'use-unique-port': false },
};

/** Sends one request of colibri2 to the bridge, and rejects with what it says against it. */
export type Ask = (request: object) => Promise<void>;

/**
 * Holds a meeting on the bridge in which nobody is, and ends it. The first one takes a Videobridge that has just started
 * 1.5 s (2 vCPU at rest; every other 0.015 s), and the longer the busier its machine is. A person who is put there
 * waits for that; and Jicofo, which hears nothing meanwhile, may give everybody in the meeting yet another place.
 */
export async function warmUp(ask: Ask): Promise<void> {
  const meeting = { 'meeting-id': randomUUID() };
  // Not in one: Videobridge refuses requests about both.
  await ask({ ...meeting, create: true, name: 'warm-up@convoke', endpoints: [PARTICIPANT] });
  await ask({ ...meeting, relays: [LINK] });
  await ask({ ...meeting, expire: true });
}
