import { z } from 'zod';
import { roomKey } from '../../contract/room.js';
import { xmppNames } from '../render/names.js';

/** A request for a conference, as nginx passes it on: nothing of it has been looked at. */
export interface RawRequest {
  /** Path and query, as the participant sent them. */
  readonly url: string;
  /** Tenant in the path; empty without one. */
  readonly tenant: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** What a request asks for. Jicofo is sent what is made of this, and never what the participant sent. */
export interface ConferenceRequest {
  /** XMPP address of the room, as Jicofo is to open it. */
  readonly address: string;
  /**
   * Keys of the meeting that the room may belong to, most likely first. Several only for a breakout room: its own address does
   * not name its meeting, and clients encode the name in the query once or twice.
   */
  readonly meetings: readonly string[];
  /** As in the name of the room in Prosody; empty without one. */
  readonly tenant: string;
  readonly breakout: boolean;
  /** Settings of a meeting that does not exist yet. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface BadRequest {
  readonly status: 400 | 415;
  readonly why: string;
}

/**
 * Names that the client makes (`encodeURIComponent`, in lower case) of a room, but for the one that XMPP does not have in
 * names, `'`. Prosody's nodeprep and Jicofo's do nothing to them, so that all three mean the same room.
 */
const KEY = /^[a-z0-9%._~!()*-]{1,1023}$/;

/** Breakout rooms have names that Prosody makes up. */
const BREAKOUT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** How many others may be there before somebody starts muted. Jicofo reads a number from text. */
const Muted = z
  .union([z.int().min(0).max(10_000), z.string().regex(/^\d{1,4}$/)])
  .transform(String)
  .optional()
  .catch(undefined);

/** The fields that Jicofo uses, of those that lib-jitsi-meet sends (`modules/xmpp/moderator.js`). */
const Body = z.object({
  room: z.string().max(2048),
  properties: z
    .object({
      startAudioMuted: Muted,
      startVideoMuted: Muted,
      rtcstatsEnabled: z.boolean().transform(String).optional().catch(undefined),
    })
    .default({})
    .catch({}),
});

/** Reads a request. The room in the query, by which the edge chose this shard, has to be the room in the body. */
export function readRequest(raw: RawRequest, domain: string): ConferenceRequest | BadRequest {
  if (!JSON_TYPE.test(raw.contentType ?? '')) return { status: 415, why: 'content-type' };
  const body = Body.safeParse(parse(raw.body)).data;
  const tenant = raw.tenant.toLowerCase().replaceAll('.', '_');
  const named = new URL(`http://shard${raw.url}`).searchParams.getAll('room');
  const [name, host, ...more] = (body?.room ?? '').split('@');
  if (!body || !name || !host || more.length > 0 || named.length !== 1 || (tenant && !TENANT.test(tenant)))
    return bad;
  const meetings = keysFrom(named[0] ?? '');
  const properties = definedIn(body.properties);
  const names = xmppNames(domain);
  if (host === names.breakout) {
    if (!BREAKOUT.test(name) || meetings.length === 0) return bad;
    return { address: `${name}@${host}`, meetings, tenant, breakout: true, properties };
  }
  const key = asciiLower(name);
  const conference = xmppNames(tenant ? `${tenant}.${domain}` : domain).conference;
  if (host !== conference || !meetings.includes(key)) return bad;
  return { address: `${key}@${conference}`, meetings: [key], tenant, breakout: false, properties };
}

const bad: BadRequest = { status: 400, why: 'room' };

/** The meetings that a name in a query may mean: already a key, a key encoded once more, or as a person writes it. */
function keysFrom(name: string): string[] {
  const candidates = [asciiLower(name), asciiLower(decoded(name)), roomKey(name)];
  return [...new Set(candidates)].filter((key) => KEY.test(key) && isEncoded(key));
}

const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether every `%` in a key stands for a part of a character. */
const isEncoded = (key: string): boolean => !key.includes('%') || decoded(key) !== key;

/** One parser decides: bytes that are no UTF-8, or anything after the value, are no JSON. Of a field that is there twice the last counts. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function definedIn(properties: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
