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

/** What came of one channel. */
export interface Outcome {
  readonly channel: Channel;
  readonly inputs: number;
  /** How often which answer came: a status of HTTP, or what else happened. */
  readonly answers: Readonly<Record<string, number>>;
  /** How often shards were looked at, and how often one of them did not serve. */
  readonly looks: number;
  readonly down: number;
  /** Daemons that were started again. */
  readonly restarts: number;
  /** The daemon that grew most. */
  readonly memory: { readonly unit: string; readonly grownMiB: number };
  readonly met: Met;
}

/** Longest that a newcomer may take, as the median over a channel: milliseconds. */
const JOIN_LIMIT = 5_000;
/** A daemon may keep this much more than before, in MiB: heaps of a JVM and Node.js grow to their limits anyway. */
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

/** The table for a person, and the same for a program. */
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
