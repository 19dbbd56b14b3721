import { NETWORK_HEADER } from '../../contract/machine-layout.js';
import type { Facts } from '../facts.js';
import { memoryMax } from './memory.js';
import { lua } from './quoting.js';

/**
 * Limits of a participant's use of Prosody. Prosody has one thread, and memory for all meetings of its shard: without
 * limits, one participant could use up both.
 */
export const PROSODY_LIMITS = {
  /**
   * Bytes of a stanza, a WebSocket frame and a BOSH request. The largest stanza of the web client describes its own
   * media when it accepts a session. All samples of such descriptions in the tests of Jitsi's library together have
   * 26 KB.
   */
  stanza: 64 * 1024,
  /** The same before login. The client sends less than 1 KB: the token is in the URL. */
  stanzaBeforeLogin: 4096,
  /** Maximum bytes of an HTTP request's headers, the same as HAProxy's. Prosody's default is 10 KB; a token may have 8 KB. */
  head: 16 * 1024,
  /** Elements in a BOSH request, which Prosody processes without a pause: 32 bytes each in a request of the maximum size. */
  elements: 2_000,
  /** Elements in a BOSH request before login. */
  elementsBeforeLogin: 50,
  /**
   * Nesting depth of a stanza. Jingle has 8. Browsers abort the whole stream at 256, so a participant must not be able to
   * send such a stanza to others.
   */
  depth: 32,
  /** Bytes of a message or presence, which a room copies to each participant. */
  copied: 16 * 1024,
  /**
   * Bytes of a display name, of which the web client accepts 50 characters. Jitsi's modules copy names into lists that
   * are sent to everybody who joins, or to all.
   */
  displayName: 256,
  /** Addresses at which a participant is present: a meeting, its lobby, and a breakout room, each left before the next. */
  addresses: 20,
  /** Bytes per second of a participant, averaged over 8 s. A stanza counts as at least 250 bytes. */
  bytesPerSecond: 16 * 1024,
  /** Seconds from connection to login. */
  login: 15,
  /** Sessions of one network. The people of a school mostly share one address. Measured: 30 KB each. */
  sessions: 2_000,
  /** Sessions of one network before login. */
  sessionsBeforeLogin: 300,
  /** Share of Prosody's time that every network may always use, */
  share: 0.25,
  /** and the total utilization above which networks that exceed that share have to wait. */
  busy: 0.7,
} as const;

/** Limits of what Jitsi's modules keep for a meeting and send to everybody who joins. */
export const MEETING_LIMITS = {
  breakoutRooms: 100,
  /** Bytes of a breakout room's name. */
  name: PROSODY_LIMITS.displayName,
  /** New polls and answers: of 500 participants to 40 polls. */
  polls: 20_000,
  /** Names of values in a meeting's metadata. Jitsi's client and modules have about fifteen. */
  metadata: 32,
  /** Bytes of such a value with its name. Prosody sends all of them to everybody whenever one changes. */
  metadataValue: 2 * 1024,
  /** Participants who have left, of whom speaker statistics are kept. */
  left: 1_000,
} as const;

/**
 * Limits of what Prosody keeps for participants until they have received it, checked once a second. A client that reads
 * has next to nothing.
 */
export const BACKLOG_LIMITS = {
  /** Bytes of one participant: of the presence of 2000 others. */
  session: 4 * 1024 * 1024,
  /** Share of Prosody's memory limit for all participants together. Beyond it those with the most are disconnected. */
  share: 0.25,
  /** Bytes of a stanza that a client has not acknowledged. Measured: 1.3 KB each. */
  stanza: 1_536,
  /** Most such stanzas that Prosody keeps for a client; its default. */
  queue: 500,
} as const;

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const luaTable = (values: Readonly<Record<string, number>>): string =>
  `{
${Object.entries(values)
  .map(([name, value]) => `        ${snakeCase(name)} = ${value};\n`)
  .join('')}    }`;

/** Options of the module `convoke_limits`. */
export const LIMITS_OPTIONS = `convoke_limits = ${luaTable(PROSODY_LIMITS)}
    convoke_network_header = ${lua(NETWORK_HEADER)}`;

/** Options of the module `convoke_meeting_limits`. */
export const MEETING_LIMITS_OPTIONS = `convoke_meeting_limits = ${luaTable(MEETING_LIMITS)}`;

/** Options of the module `convoke_backlog`. */
export function backlogOptions({ spec, instance }: Facts): string {
  const { session, share, stanza, queue } = BACKLOG_LIMITS;
  const total = Math.round(memoryMax('prosody', instance.memory, spec.role) * share * 1024 * 1024);
  return `convoke_backlog = ${luaTable({ session, total, stanza, queue })}`;
}
