/** Characters that the client takes out of an address before it reads the room from it. */
const NOT_IN_ROOMS = /[:?#[\]@!$&'()*+,;=></"]/;

/**
 * A room as Prosody knows it, from what a person calls it or from the path of its address: decoded, normalised,
 * lower-cased, encoded again, as the client does. `Café 1` and `caf%C3%A9%201` are the same room.
 */
export function roomKey(name: string): string {
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // It only looked encoded.
  }
  // Half a character cannot be encoded.
  const whole = decoded.replace(/\p{Cs}/gu, '\ufffd');
  return encodeURIComponent(whole.normalize('NFKC').toLowerCase()).toLowerCase();
}

/** What is wrong with the name of a room, in a sentence that goes on after it; undefined when nothing is. */
export function roomComplaint(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (name !== name.trim()) return 'begins or ends with a space';
  const bad = NOT_IN_ROOMS.exec(name)?.[0];
  if (bad) return `has ${bad === '/' ? 'a slash' : `the character ${bad}`}, which no room may have`;
  if (/[\p{C}\\^`{|}%]/u.test(name)) return 'has a character that an address cannot carry';
  if (name === '.' || name === '..') return 'is a way to another page';
  // Prosody takes no more in the name of a room.
  if (Buffer.byteLength(roomKey(name)) > 1023) return 'is too long';
  return undefined;
}
