import { ConvokeError } from '../../contract/errors.js';

/**
 * One function per syntax: each returns a literal that is parsed back as exactly the given text. All external text in
 * rendered files passes through one of them.
 */

/** A Lua string literal, for Prosody. */
export function lua(text: string): string {
  const body = [...Buffer.from(text, 'utf8')].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') return `\\${character}`;
    // Always three digits: with fewer, a following digit would become part of the escape.
    if (byte < 0x20 || byte > 0x7e) return `\\${String(byte).padStart(3, '0')}`;
    return character;
  });
  return `"${body.join('')}"`;
}

/** A HOCON quoted string, for Jicofo and Videobridge. Quoted HOCON strings are JSON, without substitution. */
export function hocon(text: string): string {
  return JSON.stringify(text);
}

/**
 * A JavaScript value, safe even inside `<script>` and in a file with server-side includes: neither `</script>` nor
 * `<!--#` can appear in it.
 */
export function js(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text in HTML, between tags or in a quoted attribute. It cannot start a server-side include either. */
export function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An nginx parameter in double quotes. nginx has no escape for `$`, so text with it is refused. */
export function nginx(text: string): string {
  refuseControlCharacters(text, 'nginx');
  if (text.includes('$')) throw unwritable(text, 'nginx', '"$" would start a variable');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** A HAProxy argument in single quotes, where nothing is expanded. */
export function haproxy(text: string): string {
  refuseControlCharacters(text, 'HAProxy');
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A value of systemd's `Environment=`, with its quotes. `%` would be a specifier. */
export function systemd(text: string): string {
  refuseControlCharacters(text, 'systemd');
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}

function refuseControlCharacters(text: string, syntax: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
  if (/[\u0000-\u001f\u007f]/.test(text)) throw unwritable(text, syntax, 'it would end a line or a string');
}

function unwritable(text: string, syntax: string, why: string): ConvokeError {
  return new ConvokeError('UnwritableText', {
    what: `${JSON.stringify(text)} cannot be written in ${syntax}'s configuration.`,
    why: `It contains a character that ${syntax} cannot quote: ${why}.`,
    now: 'Use letters, digits, dots and hyphens.',
    fault: 'user',
  });
}
