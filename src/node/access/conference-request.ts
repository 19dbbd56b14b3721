import { z } from 'zod';
import { encodedKey, roomKey } from '../../contract/room.js';
import { isTenant, tenantKey } from '../../contract/tenant.js';
import { xmppNames } from '../render/xmpp-names.js';

/** A conference request as nginx forwards it, not validated yet. */
export interface RawRequest {
  /** Path and query, as the participant sent them. */
  readonly url: string;
  /** Tenant in the path; empty without one. */
  readonly tenant: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** A validated request. Jicofo gets a request built from this, never the participant's own. */
export interface ConferenceRequest {
  /** XMPP address of the room that Jicofo is to open. */
  readonly address: string;
  /**
   * Keys of the meetings that the room may belong to, most likely first. Several only for a breakout room: its
   * address does not name its meeting, and clients encode the name in the query once or twice.
   */
  readonly meetings: readonly string[];
  /** As in the room's name in Prosody; empty without one. */
  readonly tenant: string;
  readonly breakout: boolean;
  /** Settings for a meeting that does not exist yet. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface BadRequest {
  readonly status: 400 | 415;
  readonly why: string;
}

/**
 * Room names as the client encodes them (`encodeURIComponent`, in lower case), except for `'`, which XMPP does not
 * allow in names. The nodeprep of Prosody and of Jicofo leave them unchanged, so all three mean the same room.
 */
const KEY = /^[a-z0-9%._~!()*-]{1,1023}$/;

/** Names that Prosody generates for breakout rooms. */
const BREAKOUT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** The number of participants after which new ones start muted. Jicofo parses a string. */
const Muted = z
  .union([z.int().min(0).max(10_000), z.string().regex(/^\d{1,4}$/)])
  .transform(String)
  .optional()
  .catch(undefined);

/** The fields that Jicofo uses of those that lib-jitsi-meet sends (`modules/xmpp/moderator.js`). */
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
  const tenant = tenantKey(raw.tenant);
  const named = new URL(`http://shard${raw.url}`).searchParams.getAll('room');
  const [name, host, ...more] = (body?.room ?? '').split('@');
  if (!body || !name || !host || more.length > 0 || named.length !== 1 || (tenant && !isTenant(raw.tenant)))
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

/**
 * The meetings that a name in the query may mean: already a key, a key encoded once more, as a user writes it, or decoded
 * by the client, with a percent sign that encodes nothing.
 */
function keysFrom(name: string): string[] {
  const candidates = [asciiLower(name), asciiLower(decoded(name)), roomKey(name), encodedKey(name)];
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

/** Whether every `%` in a key belongs to an encoded character. */
const isEncoded = (key: string): boolean => !key.includes('%') || decoded(key) !== key;

/**
 * One parser decides: invalid UTF-8, or anything after the value, is not JSON. Of a duplicate field the last one
 * counts.
 */
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
