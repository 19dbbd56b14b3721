import { isIP } from 'node:net';

/**
 * Removes personal data from lines of the daemons of meetings: names of rooms and participants, addresses, and tokens.
 * Daemons write names in few forms (XMPP addresses, `key=value`, quoted strings, paths); a name that one of these forms
 * shows is removed from the rest of the line as well. What is in doubt is removed.
 */
export function withoutPersonalData(line: string): string {
  const names = new Set<string>();
  const structured = withoutJids(withoutTexts(withoutTokens(line)), names);
  const text = withoutAddresses(
    withoutPaths(withoutQuoted(withoutValues(structured.replace(PHRASES, '$1 <name>'), names))),
  );
  return [...names]
    .sort((a, b) => b.length - a.length)
    .reduce((result, name) => result.replace(wholeWord(name), '<name>'), text);
}

/** Removes what gives access, and XMPP addresses. For lines of programs that do not handle names otherwise. */
export function withoutSecrets(line: string): string {
  return withoutJids(withoutTokens(line), new Set());
}

/** Tokens of invitations (JWT), values of keys that name a secret, and where to and with which key a meeting is streamed. */
export function withoutTokens(line: string): string {
  return line
    .replace(/\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?/g, '<token>')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 <token>')
    .replace(/\brtmps?:\/\/[^\s"'<>]+/gi, '<stream>')
    .replace(
      /\b(jwt|token|password|passwd|secret|stream_?id|stream[_ ]?key)(\s*[=:]\s*)("[^"]*"?|'[^']*'?|[^\s,;&"')\]}]+)/gi,
      '$1$2<token>',
    );
}

/** Texts of XML elements, also of one that is cut off. `<init>` is a constructor in Java's stack traces. */
function withoutTexts(line: string): string {
  return line.replace(/(<(?!(?:cl)?init>)[a-z][\w:.-]*(?:\s[^<>]*)?>)[^<]+/gi, '$1…');
}

/** Phrases of Prosody's modules. A room and its tenant, or what a client sent, follow without a key or quotes. */
const PHRASES =
  /\b((?:room|occupant|speakerstats) found(?: for)?|muc resource|muc nick change|invalid (?:json|poll) [^:]*:|code \d+, content) .*/gi;

/** The accounts of daemons, on hosts that participants cannot log in to. */
const OF_DAEMONS = /^(?:focus|jvb|jvbbrewery|bridge|conferences)@(?:auth|internal|focus|jvb)\./i;

/** A tenant in brackets may precede the room. A resource is random unless a client chose it. */
const JID =
  /((?:\[[^\]\s]*\])?[^\s@"'<>(),;=[\]{}]*)@[\w-]+(?:\.[\w-]+)+(?:\/(?:([\da-f]{8})\b|([^"'<>\])},;]*)))?/gi;

function withoutJids(line: string, names: Set<string>): string {
  return line.replace(JID, (jid: string, local: string, _random?: string, chosen?: string) => {
    if (OF_DAEMONS.test(jid)) return jid;
    for (const name of [local, ...local.split(/[[\]]/), chosen ?? '']) remember(names, name);
    return '<jid>';
  });
}

/** A string in double quotes, possibly cut off, with escaped quotes in it. */
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"?';

/** Of names without spaces: up to the end of the list, or the next key. */
const IDENTIFIERS = new RegExp(
  `(?<![a-z\\d])(room[_ ]?name|room|conf[_ ]?name|conference|conf|tenant|group|stats[-_ ]?id|participant|user)(\\s*[=:]\\s*)(${QUOTED}|'[^']*'?|[^\\s,;\\])}][^,;\\])}]*?(?=\\s+[a-z_]\\w*=|[,;\\])}]|$))`,
  'gi',
);

/** Of text that people write: up to the end of the line. */
const FREE_TEXT = new RegExp(
  `\\b(display[_ ]?name|nick(?:name)?|e?-?mail|user[_ ]?name|user[_ ]?agent|subject|name)(\\s*[=:]\\s*)(${QUOTED}|[^\\s,;\\])}].*)`,
  'gi',
);

function withoutValues(line: string, names: Set<string>): string {
  const removed = (_: string, key: string, sign: string, value: string) => {
    const name = value.replace(/^["']|["']$/g, '');
    if (!name.includes('<')) remember(names, name);
    return `${key}${sign}<name>`;
  };
  return line.replace(IDENTIFIERS, removed).replace(FREE_TEXT, removed);
}

/** Files of the machine whose paths contain no names. */
const SYSTEM_PATH = /^\/(?:etc|run|proc|sys)\//;

function withoutQuoted(line: string): string {
  const kept = (content: string) => SYSTEM_PATH.test(content) || /^<\w+>$/.test(content);
  return line
    .replace(/"((?:[^"\\]|\\.)*)("|$)/g, (all, content: string) => (kept(content) ? all : '"…"'))
    .replace(/(?<!\w)'([^']*)'(?!\w)/g, (all, content: string) => (kept(content) ? all : "'…'"));
}

function withoutPaths(line: string): string {
  return line
    .replace(/\b(https?|wss?):\/\/[^\s"'<>]+/gi, '$1://…')
    .replace(/\b(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) [^\s"]+/g, '$1 <path>')
    .replace(/(^|[\s(=:,[])(\/[^\s,)\]]+)/g, (all, before: string, path: string) =>
      SYSTEM_PATH.test(path) ? all : `${before}<path>`,
    );
}

/** All addresses except the machine's own loopback, with or without a port. */
function withoutAddresses(line: string): string {
  return line
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, (found) => (/^(127|0)\./.test(found) ? found : '<address>'))
    .replace(/[\da-f:.]*:[\da-f:.]*:[\da-f:.]*/gi, (found) => {
      const address = found.replace(/[.:]+$/, '');
      const is = [found, address, address.replace(/:\d+$/, '')].some((text) => isIP(text) === 6);
      return is && found !== '::1' && found !== '::' ? '<address>' : found;
    });
}

/** Single characters would make every line unreadable. */
function remember(names: Set<string>, name: string): void {
  const trimmed = name.trim();
  if (trimmed.length > 1) names.add(trimmed);
}

const wholeWord = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu');
