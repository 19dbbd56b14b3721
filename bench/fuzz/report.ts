import type { Output } from '../../src/cli/output/output.js';
import type { Channel, Met } from './task.js';

/** One unit on one machine. */
export interface UnitLook {
  readonly machine: string;
  readonly unit: string;
  readonly restarts: number;
  /** Resident memory of its processes. */
  readonly mib: number;
}

/** Result of one channel. */
export interface Outcome {
  readonly channel: Channel;
  readonly inputs: number;
  /** Number of each answer: an HTTP status, or another result. */
  readonly answers: Readonly<Record<string, number>>;
  /** Number of checks of the shards, and of those in which a shard did not serve. */
  readonly looks: number;
  readonly down: number;
  /** Daemons that were restarted. */
  readonly restarts: number;
  /** The daemon with the largest growth of memory. */
  readonly memory: { readonly unit: string; readonly grownMiB: number };
  readonly met: Met;
}

/** Limit for new participants in milliseconds, for the median of a channel. */
const JOIN_LIMIT = 5_000;
/** Limit for the growth of a daemon in MiB. Heaps of a JVM and Node.js grow to their limits in any case. */
const MEMORY_LIMIT = 64;

export function compareMemory(before: readonly UnitLook[], after: readonly UnitLook[]): Outcome['memory'] {
  const grown = after.map(({ machine, unit, mib }) => {
    const was = before.find((one) => one.machine === machine && one.unit === unit)?.mib ?? Number.NaN;
    return { unit, grownMiB: Math.round(mib - was) };
  });
  return grown.sort((a, b) => b.grownMiB - a.grownMiB)[0] ?? { unit: '', grownMiB: Number.NaN };
}

const median = (of: readonly number[]): number =>
  [...of].sort((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;

const isWell = ({ down, restarts, memory, met }: Outcome): boolean =>
  down === 0 &&
  restarts === 0 &&
  memory.grownMiB <= MEMORY_LIMIT &&
  met.lost === 0 &&
  met.failures.length === 0 &&
  median(met.joins) <= JOIN_LIMIT;

/** The results as a table and as JSON. */
export function report(
  settings: { readonly seed: number; readonly minutes: number; readonly media: string },
  outcomes: readonly Outcome[],
  output: Output,
): { data: unknown; text: string; ok: boolean } {
  const ok = outcomes.every(isWell);
  const seconds = (ms: number) => (ms / 1_000).toFixed(1);
  const rows = outcomes.map((outcome) => {
    const { channel, inputs, down, looks, restarts, memory, met } = outcome;
    return [
      isWell(outcome) ? output.paint.green('✓') : output.paint.red('✗'),
      channel,
      String(inputs),
      `${down} of ${looks}`,
      String(restarts),
      `${memory.grownMiB} MiB (${memory.unit})`,
      `${met.joins.length}, ${seconds(median(met.joins))} s, ${seconds(Math.max(0, ...met.joins))} s`,
      `${met.failures.length}`,
      String(met.lost),
    ];
  });
  const table = output.table(
    [
      '',
      'channel',
      'inputs',
      'shard down',
      'restarts',
      'grew most',
      'joins, median, longest',
      'failed joins',
      'lost',
    ],
    rows,
  );
  const answers = outcomes.map(
    ({ channel, answers: all }) =>
      `${channel}: ${Object.entries(all)
        .sort(([, a], [, b]) => b - a)
        .map(([answer, count]) => `${answer} × ${count}`)
        .join(', ')}`,
  );
  const failures = [...new Set(outcomes.flatMap(({ met }) => met.failures))].slice(0, 5);
  const text = [table, '', ...answers, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
  return { data: { ...settings, ok, outcomes }, text, ok };
}
