import type { Account } from '../cloud/account.js';
import { type LogEvent, logEvents, logStreams } from '../cloud/log-events.js';
import type { Deployment } from '../config/deployment.js';
import { printable } from '../config/sentences.js';
import { ConvokeError } from '../contract/errors.js';
import { LEVELS, LogLine } from '../contract/log-lines.js';
import { logsName } from '../contract/names.js';

/** A line of a machine's journal. */
export interface MachineLine {
  readonly at: Date;
  /** `shard-a`, `bridge`. */
  readonly machine: string;
  readonly instance: string;
  /** What wrote it: `prosody`, `jicofo`, `agent`, `provisioning`, … */
  readonly daemon: string;
  readonly level: (typeof LEVELS)[number];
  readonly text: string;
}

export interface LogsOptions {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'region'>;
  /** A shard, `bridge`, or the id of an instance. Default: all machines. */
  readonly node?: string | undefined;
  readonly from: Date;
  /** Only lines that match. Default: all. */
  readonly matching?: ((line: MachineLine) => boolean) | undefined;
  /** Whether to go on with new lines until `signal` aborts. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Milliseconds between two requests for new lines. */
const EVERY = 2_000;

/** Milliseconds by which a line may arrive later than others. Machines send lines within seconds. */
const LATE = 30_000;

/** Lines of all machines in order of time, also of machines that no longer exist. */
export async function* logs(options: LogsOptions): AsyncGenerator<MachineLine[]> {
  const { account, deployment, node, matching = () => true, follow, signal } = options;
  const group = logsName(deployment.name);
  const streams = await logStreams(account, group);
  if (!streams) throw noLogGroup(group, deployment.region);
  const prefix = node === undefined ? undefined : streamPrefix(node, streams);
  let { from } = options;
  let seen = new Map<string, number>();
  for (;;) {
    for await (const page of logEvents(account, group, { from, ...(prefix && { prefix }) })) {
      const fresh = page.filter(({ id }) => !seen.has(id));
      for (const { id, at } of fresh) if (follow) seen.set(id, at.getTime());
      yield fresh.map(machineLine).filter(matching);
    }
    if (!follow) return;
    const newest = Math.max(from.getTime(), ...[...seen.values()].map((at) => at - LATE));
    from = new Date(newest);
    seen = new Map([...seen].filter(([, at]) => at >= newest));
    await account.clock.wait(EVERY, signal);
  }
}

/**
 * How the names of a node's log streams begin. `a`, `shard-a`: all machines that were this shard. `bridge`: all
 * bridges. `i-0123`: this machine; the beginning of its id is enough. Throws an error that lists the machines.
 */
export function streamPrefix(node: string, streams: readonly string[]): string {
  const known = streams.map((stream) => ({ stream, machine: machineOf(stream) }));
  const role = known.find(({ machine }) =>
    [machine.machine, machine.machine.replace('shard-', '')].includes(node),
  );
  if (role) return `${role.machine.machine}/`;
  const instances = known.filter(({ machine }) => node.startsWith('i-') && machine.instance.startsWith(node));
  const [only] = instances;
  if (only && instances.length === 1) return only.stream;
  throw new ConvokeError('NoSuchNode', {
    what: `${only ? `Several machines have ids that begin with ${node}` : `No machine "${printable(node)}" has written lines`}.`,
    why: streams.length > 0 ? `These have: ${streams.toSorted().join(', ')}.` : 'No machine has, so far.',
    now: 'Name a shard, such as "a", "bridge" for all bridges, or the id of an instance.',
    fault: 'user',
  });
}

const machineOf = (stream: string): Pick<MachineLine, 'machine' | 'instance'> => {
  const [machine = '', instance = ''] = stream.split('/');
  return { machine, instance };
};

/** A machine that was compromised can write anything. */
export function machineLine({ at, stream, message }: LogEvent): MachineLine {
  const parsed = parse(message) ?? { daemon: 'unknown', level: 6, text: message };
  return {
    at,
    ...machineOf(stream),
    daemon: parsed.daemon,
    level: LEVELS[parsed.level] ?? 'info',
    text: parsed.text,
  };
}

function parse(message: string): LogLine | undefined {
  try {
    return LogLine.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The time that `30m`, `2h`, `1d` or `2026-12-02T10:00Z` means. */
export function timeOf(text: string, now: Date): Date {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNITS[unit] ?? 0));
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined;
  if (time && !Number.isNaN(time.getTime())) return time;
  throw new ConvokeError('BadTime', {
    what: `"${printable(text)}" is not a time.`,
    now: 'Give seconds, minutes, hours or days, such as 90s, 30m, 2h or 1d, or a time, such as 2026-12-02T10:00Z.',
    fault: 'user',
  });
}

/**
 * Whether a line matches a regular expression: `daemon level text`. As in `journalctl --grep`, a pattern in lower case
 * ignores case.
 */
export function pattern(text: string): (line: MachineLine) => boolean {
  try {
    const expression = new RegExp(text, text === text.toLowerCase() ? 'iu' : 'u');
    return (line) => expression.test(`${line.daemon} ${line.level} ${line.text}`);
  } catch (error) {
    throw new ConvokeError('BadPattern', {
      what: `"${printable(text)}" is not a regular expression.`,
      why: error instanceof Error ? error.message : String(error),
      now: 'Escape special characters with a backslash.',
      fault: 'user',
    });
  }
}

const noLogGroup = (group: string, region: string) =>
  new ConvokeError('NoLogs', {
    what: `There is no log group ${group} in ${region}.`,
    why: 'Nothing is deployed there, or it was deployed by a version of convoke that had none.',
    now: 'Run "convoke up". Lines of earlier deployments were deleted with them.',
    fault: 'user',
  });
