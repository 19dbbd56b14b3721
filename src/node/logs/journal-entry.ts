import { z } from 'zod';
import { type Diagnostics, type LogLine, WARNING } from '../../contract/log-lines.js';
import { withoutPersonalData, withoutSecrets, withoutTokens } from './redaction.js';

/** What of a journal entry is read (systemd.journal-fields). */
export const FIELDS = ['_SYSTEMD_UNIT', 'UNIT', '_TRANSPORT', '_PID', 'PRIORITY', 'MESSAGE'] as const;

/** A line of `journalctl --output=json`. A message that is not text is a list of bytes. */
export const JournalEntry = z.object({
  __CURSOR: z.string(),
  /** Microseconds since 1970. */
  __REALTIME_TIMESTAMP: z.coerce.number(),
  _SYSTEMD_UNIT: z.string().optional(),
  /** The unit that a line of systemd is about. */
  UNIT: z.string().optional(),
  _TRANSPORT: z.string().optional(),
  _PID: z.string().optional(),
  PRIORITY: z.coerce.number().int().min(0).max(7).catch(6),
  MESSAGE: z
    .union([z.string(), z.array(z.number()).transform((bytes) => Buffer.from(bytes).toString())])
    .catch(''),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

const ERROR = 3;
const NOTICE = 5;
const INFO = 6;

interface Source {
  readonly daemon: string;
  /** The highest level that is kept: lines of higher ones are not sent. */
  readonly upTo: number;
  /** Whether its lines may contain personal data. */
  readonly aboutPeople?: true;
  /** The level that the line itself names; otherwise it has the journal's. */
  readonly level?: (text: string) => number | undefined;
}

/** Reads a level by its name, as in `WARNING: text`, from the first group of a pattern. */
const named =
  (pattern: RegExp) =>
  (text: string): number | undefined =>
    NAMES[pattern.exec(text)?.[1]?.toLowerCase() ?? ''];
const NAMES: Readonly<Record<string, number>> = {
  emerg: 0,
  alert: 1,
  crit: 2,
  severe: ERROR,
  error: ERROR,
  warning: WARNING,
  warn: WARNING,
  notice: NOTICE,
  info: INFO,
  config: 7,
  debug: 7,
  fine: 7,
  finer: 7,
  finest: 7,
};

/** `Jicofo 2026-12-02 10:57:11.104 WARNING: [13] …` */
const java = named(/^\S+ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ (\w+):/);

/** The daemons of meetings write to standard output, where the journal gives all lines one level. */
const MEETINGS: Readonly<Record<string, Source>> = {
  'prosody.service': {
    daemon: 'prosody',
    upTo: WARNING,
    aboutPeople: true,
    level: named(/^(?:\w{3} \d\d \d\d:\d\d:\d\d )?[^\t]*?\s(debug|info|warn|error)\t/),
  },
  'jicofo.service': { daemon: 'jicofo', upTo: WARNING, aboutPeople: true, level: java },
  'jitsi-videobridge2.service': { daemon: 'videobridge', upTo: WARNING, aboutPeople: true, level: java },
  'nginx.service': { daemon: 'nginx', upTo: WARNING, aboutPeople: true, level: named(/ \[(\w+)\] /) },
  // It logs no requests. Lines about servers have no level of their own.
  'haproxy.service': {
    daemon: 'haproxy',
    upTo: INFO,
    aboutPeople: true,
    level: (text) =>
      named(/^\[(\w+)\]/)(text) ?? (/ is DOWN| has no server available/.test(text) ? WARNING : undefined),
  },
  'coturn.service': {
    daemon: 'coturn',
    upTo: WARNING,
    aboutPeople: true,
    level: named(/^\d+: (?:(?:\(\d+\))?: )?(\w+):/),
  },
};

/** cloud-init runs user data, which provisions the machine. Debian 13's has one process for all stages. */
const PROVISIONING: readonly string[] = ['cloud-init-main.service', 'cloud-final.service'];

/** Tables of cloud-init about the network and about SSH keys, which name their owners. */
const TABLES = /^ci-info: /;

/** Its own lines are not sent: a failure to send them would produce more. */
export const LOGS_UNIT = 'convoke-logs.service';

/** What journalctl selects: lines that match one of the terms between the pluses. */
export const MATCHES: readonly string[] = [
  ...Object.keys(MEETINGS).map((unit) => `_SYSTEMD_UNIT=${unit}`),
  ...PROVISIONING.map((unit) => `_SYSTEMD_UNIT=${unit}`),
  ...[
    'agent',
    'metadata-access',
    'render',
    'cluster-members',
    'stick-table-sync',
    'restart-jicofo',
    'turn-peers',
    'updates',
  ].map((unit) => `_SYSTEMD_UNIT=convoke-${unit}.service`),
  '+',
  '_TRANSPORT=kernel',
  '+',
  '_PID=1',
];

function sourceOf({ _SYSTEMD_UNIT: unit = '', UNIT, _TRANSPORT, _PID }: JournalEntry): Source | undefined {
  // Such as processes that were killed because memory ran out.
  if (_TRANSPORT === 'kernel') return { daemon: 'kernel', upTo: ERROR };
  if (_PID === '1') {
    const about = UNIT !== undefined && (UNIT in MEETINGS || UNIT.startsWith('convoke-'));
    return about ? { daemon: 'systemd', upTo: WARNING } : undefined;
  }
  if (PROVISIONING.includes(unit)) return { daemon: 'provisioning', upTo: INFO };
  const own = /^convoke-(.+)\.service$/.exec(unit)?.[1];
  if (own) return { daemon: own, upTo: INFO };
  return MEETINGS[unit];
}

/** Longest line that is sent. journald already splits lines after 8 KiB. */
const MOST_CHARACTERS = 8_192;

/** A line to send. Cleaning takes most of the time, so it is not done for lines that are dropped. */
export interface SelectedLine {
  readonly daemon: string;
  /** Bytes of its text. */
  readonly size: number;
  readonly clean: () => LogLine;
}

/**
 * Decides which lines of the journal are sent. Lines without a level of their own that begin with a space continue the
 * line before: a stack trace is kept or dropped with its first line.
 */
export class Selection {
  /** The level of the last line of each daemon. */
  private readonly last = new Map<string, number>();

  constructor(private readonly diagnostics: Diagnostics) {}

  /** Undefined if it is not sent. */
  line(entry: JournalEntry): SelectedLine | undefined {
    const source = sourceOf(entry);
    const text = entry.MESSAGE.trimEnd().slice(0, MOST_CHARACTERS);
    if (!source || text === '' || TABLES.test(text)) return undefined;
    const { daemon } = source;
    const level = source.level?.(text) ?? this.continued(daemon, text) ?? entry.PRIORITY;
    this.last.set(daemon, level);
    const full = this.diagnostics === 'full';
    if (level > (full ? INFO : source.upTo)) return undefined;
    const cleaned = full ? withoutTokens : source.aboutPeople ? withoutPersonalData : withoutSecrets;
    return { daemon, size: Buffer.byteLength(text), clean: () => ({ daemon, level, text: cleaned(text) }) };
  }

  private continued(daemon: string, text: string): number | undefined {
    return /^(\s|Caused by: |\S+(Exception|Error)\b)/.test(text) ? this.last.get(daemon) : undefined;
  }
}
