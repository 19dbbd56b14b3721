import { RESERVED_NAMES } from './tenant.js';

/** Characters that Jitsi's client removes from a URL before it parses the room name. */
const NOT_IN_ROOMS = /[:?#[\]@!$&'()*+,;=></"]/;

/**
 * The name under which Prosody has a room, from its display name or from the path of its URL: decoded, normalised,
 * lower-cased and encoded again, as Jitsi's client does. `Café 1` and `caf%C3%A9%201` are the same room.
 */
export function roomKey(name: string): string {
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // The name is not percent-encoded.
  }
  return encodedKey(decoded);
}

/** The same from a name that is decoded already, in which a percent sign is one. */
export function encodedKey(name: string): string {
  // A lone surrogate cannot be encoded.
  const whole = name.replace(/\p{Cs}/gu, '\ufffd');
  return encodeURIComponent(whole.normalize('NFKC').toLowerCase()).toLowerCase();
}

/** What is wrong with the name of a room, as a clause that follows the name; undefined if it is valid. */
export function roomComplaint(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (name !== name.trim()) return 'starts or ends with a space';
  const bad = NOT_IN_ROOMS.exec(name)?.[0];
  if (bad)
    return `has ${bad === '/' ? 'a slash' : `the character ${bad}`}, which is not allowed in room names`;
  if (/[\p{C}\\^`{|}%]/u.test(name)) return 'has a character that is not allowed in a URL';
  if (name === '.' || name === '..') return 'is a relative path';
  if (RESERVED_NAMES.includes(name.toLowerCase())) return 'is reserved for a path of the page';
  // Prosody's limit for the name of a room.
  if (Buffer.byteLength(roomKey(name)) > 1023) return 'is too long';
  return undefined;
}
