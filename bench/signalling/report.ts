import { cpus, totalmem } from 'node:os';
import type { Output } from '../../src/cli/output/output.js';
import type { Kind } from './daemons.js';

/** How participants connect: through the load balancer, the edges and both shards, or directly to one shard's Prosody. */
export type Way = 'through' | 'straight';

/** Numbers of rooms, participants and rounds. */
export interface Settings {
  readonly rooms: number;
  /** Per room. */
  readonly participants: number;
  readonly processes: number;
  readonly lanes: number;
  readonly rounds: number;
}

/** Result of one round of one way. */
export interface Round {
  readonly joins: readonly number[];
  readonly failures: readonly string[];
  /** Seconds until the last participant had joined. */
  readonly seconds: number;
  /** Milliseconds of processor time. */
  readonly cpu: Readonly<Record<Kind | 'balancer' | 'participants', number>>;
  /** Bytes. For daemons, their growth. */
  readonly memory: Readonly<Record<Kind | 'balancer' | 'participants', number>>;
}

/** Results of a way over all rounds. */
function summary(all: readonly Round[]) {
  const joins = all.flatMap((one) => one.joins).sort((a, b) => a - b);
  const at = (share: number) =>
    joins[Math.min(joins.length - 1, Math.floor(share * joins.length))] ?? Number.NaN;
  const perJoin = (value: 'cpu' | 'memory', kind: keyof Round['cpu']) =>
    all.reduce((sum, one) => sum + one[value][kind], 0) / joins.length;
  return {
    joined: joins.length,
    failures: all.flatMap(({ failures }) => failures),
    joinsPerSecond: joins.length / all.reduce((sum, { seconds }) => sum + seconds, 0),
    p50: at(0.5),
    p99: at(0.99),
    cpu: (kind: keyof Round['cpu']) => perJoin('cpu', kind),
    memory: (kind: keyof Round['memory']) => perJoin('memory', kind) / 1_024,
  };
}

/** The results as a table and as JSON. */
export function report(
  measured: Readonly<Record<Way, readonly Round[]>>,
  settings: Settings,
  output: Output,
): { data: unknown; text: string } {
  const { rooms, participants, processes, lanes, rounds } = settings;
  const through = summary(measured.through);
  const straight = summary(measured.straight);
  const kinds = {
    prosody: 'Prosody',
    focus: 'focus (fake)',
    web: 'nginx',
    haproxy: 'edges (HAProxy)',
    balancer: 'load balancer (HAProxy)',
    participants: 'participants',
  } as const;
  /** Daemons of only one way, whose load in the other way does not count. */
  const onTheWay: readonly string[] = ['web', 'haproxy', 'balancer'];
  const daemons = (of: ReturnType<typeof summary>) =>
    (['prosody', 'focus', 'web', 'haproxy', 'balancer'] as const).reduce(
      (sum, kind) => sum + of.cpu(kind),
      0,
    );
  const each = (value: 'cpu' | 'memory', unit: string) =>
    (Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => ({
      id: `${value}-${kind}`,
      name: `${kinds[kind]}, ${value === 'cpu' ? 'processor time per join' : 'memory per participant'}`,
      unit,
      through: through[value](kind),
      straight: onTheWay.includes(kind) ? undefined : straight[value](kind),
    }));
  const rows = [
    { id: 'joined', name: 'joined', unit: '', through: through.joined, straight: straight.joined },
    {
      id: 'failures',
      name: 'did not get in',
      unit: '',
      through: through.failures.length,
      straight: straight.failures.length,
    },
    {
      id: 'joins-per-second',
      name: 'joins a second',
      unit: '',
      through: through.joinsPerSecond,
      straight: straight.joinsPerSecond,
    },
    {
      id: 'p50',
      name: 'time to join, half of them',
      unit: 'ms',
      through: through.p50,
      straight: straight.p50,
    },
    { id: 'p99', name: 'time to join, 99 of 100', unit: 'ms', through: through.p99, straight: straight.p99 },
    {
      id: 'cpu-daemons',
      name: 'all daemons, processor time a join',
      unit: 'ms',
      through: daemons(through),
      straight: straight.cpu('prosody') + straight.cpu('focus'),
    },
    ...each('cpu', 'ms'),
    // The memory of a Node.js process does not show its need.
    ...each('memory', 'KiB').filter(({ id }) => id !== 'memory-focus'),
  ].map((row) => ({ ...row, ratio: row.straight ? row.through / row.straight : undefined }));
  const machine = { processor: cpus()[0]?.model ?? '', cores: cpus().length, memory: totalmem() };
  const shown = (value: number | undefined, unit: string) =>
    value === undefined
      ? '–'
      : `${value < 10 && !Number.isInteger(value) ? value.toFixed(2) : Math.round(value)}${unit && ` ${unit}`}`;
  return {
    data: {
      machine,
      ...settings,
      rows,
      failures: [...through.failures, ...straight.failures],
    },
    text: `${rooms} rooms of ${participants}, ${rounds} rounds each; ${processes} processes of participants with ${lanes} rooms at a time; ${machine.cores} × ${machine.processor}\n${output.table(
      ['', 'through balancer, edges, 2 shards', 'straight at 1 Prosody', 'ratio'],
      rows.map(({ name, unit, through: one, straight: other, ratio }) => [
        name,
        shown(one, unit),
        shown(other, unit),
        ratio === undefined ? '–' : ratio.toFixed(2),
      ]),
    )}`,
  };
}
