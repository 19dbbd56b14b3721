import Table from 'cli-table3';
import pc from 'picocolors';
import { causes, explain } from '../../operations/error-mapper.js';
import type { ProgressEvent } from '../../operations/progress.js';
import { MovingLine } from './moving-line.js';
import { drawRecords } from './records.js';

/** How many seconds, as a person likes to read it. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;

const duration = (value: number): string => (value < 60 ? seconds(value) : `${Math.floor(value / 60)} min`);

/**
 * Everything that a verb prints. The answer goes to standard output; progress and errors go to standard error, so that
 * an answer can be piped. On a terminal, progress is one line that is written over itself; elsewhere a line for each step
 * that has ended. With `verbose` it is a line for each event, and with `--json` one object a line.
 */
export class Output {
  readonly json: boolean;
  readonly paint: ReturnType<typeof pc.createColors>;
  private readonly verbose: boolean;
  private readonly moving: MovingLine | undefined;

  constructor(options: { json: boolean; color: boolean; verbose?: boolean }) {
    this.json = options.json;
    this.verbose = options.verbose === true;
    const terminal = process.stderr.isTTY === true;
    const wanted = options.color && !process.env.NO_COLOR && terminal;
    this.paint = pc.createColors(wanted);
    // A terminal that calls itself dumb cannot go back to the beginning of a line.
    const moves = terminal && process.env.TERM !== 'dumb' && !this.json && !this.verbose;
    this.moving = moves ? new MovingLine(process.stderr) : undefined;
  }

  /** The verb's answer: `text` for a person, `data` for a program. */
  answer(data: unknown, text: string): void {
    const done = this.moving?.end();
    if (done) process.stderr.write(`${this.paint.green('✓')} ${this.paint.dim(done)}\n`);
    process.stdout.write(this.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  }

  /** A line for the person, beside the answer. */
  say(text: string): void {
    this.moving?.clear();
    if (!this.json) process.stderr.write(`${text}\n`);
  }

  progress(event: ProgressEvent): void {
    if (this.json) {
      process.stderr.write(`${JSON.stringify(event)}\n`);
      return;
    }
    if (this.moving && event.kind !== 'records') {
      this.moving.event(event);
      if (!(event.kind === 'step' && event.state === 'failed')) return;
    }
    const line = this.line(event);
    if (line) this.say(line);
  }

  private line(event: ProgressEvent): string | undefined {
    switch (event.kind) {
      case 'step':
        return this.stepLine(event);
      case 'resource':
        return this.resourceLine(event);
      case 'records':
        return `\n${event.title}:\n\n${drawRecords(event.records, this)}\n`;
      case 'waiting':
        return this.paint.dim(`  waiting for ${event.what}, ${duration(event.seconds)} so far`);
    }
  }

  private stepLine(event: Extract<ProgressEvent, { kind: 'step' }>): string | undefined {
    const { paint } = this;
    switch (event.state) {
      case 'started':
        return this.verbose ? paint.dim(`… ${event.title}`) : undefined;
      case 'done':
        return `${paint.green('✓')} ${event.title} ${paint.dim(`${seconds(event.seconds ?? 0)}${event.detail ? `  ${event.detail}` : ''}`)}`;
      case 'failed':
        return `${paint.red('✗')} ${event.title} ${paint.dim(seconds(event.seconds ?? 0))}`;
    }
  }

  /** Only what has come to an end is told; what begins would double every line. */
  private resourceLine(event: Extract<ProgressEvent, { kind: 'resource' }>): string | undefined {
    if (!this.verbose || event.status.endsWith('IN_PROGRESS')) return undefined;
    const { paint } = this;
    const count = event.total
      ? paint.dim(`${String(event.completed).padStart(3)}/${event.total} `)
      : '        ';
    const failed = event.status.includes('FAILED') || event.status.includes('ROLLBACK');
    const status = (failed ? paint.red : paint.dim)(
      event.status.toLowerCase().replaceAll('_', ' ').padEnd(16),
    );
    return `  ${count}${status} ${event.name} ${paint.dim(event.type.replace('AWS::', ''))}${failed ? ` ${event.reason}` : ''}`;
  }

  /** Columns aligned, no lines between. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const none = Object.fromEntries(
      [
        'top',
        'top-mid',
        'top-left',
        'top-right',
        'bottom',
        'bottom-mid',
        'bottom-left',
        'bottom-right',
        'left',
        'left-mid',
        'mid',
        'mid-mid',
        'right',
        'right-mid',
      ].map((edge) => [edge, '']),
    );
    const table = new Table({
      head: head.map((shard) => this.paint.dim(shard)),
      chars: { ...none, middle: '  ' },
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    });
    table.push(...rows.map((row) => [...row]));
    return table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n');
  }

  /** An error, as one that a person can act on. Answers with the exit code that it means. */
  error(error: unknown): 1 | 2 {
    const known = explain(error);
    this.moving?.end();
    if (this.json) {
      const { name, message: what, why, now, fault } = known;
      process.stdout.write(`${JSON.stringify({ error: { name, what, why, now, fault } }, null, 2)}\n`);
    } else {
      const { paint } = this;
      const why = known.why ? `${known.why}\n` : '';
      process.stderr.write(
        `${paint.red('✗')} ${known.message}\n${why}${paint.bold('What now:')} ${known.now}\n`,
      );
    }
    if (process.env.CONVOKE_DEBUG) {
      const stacks = causes(error).map((one) => (one as Error)?.stack ?? String(one));
      process.stderr.write(`${stacks.join('\nCaused by: ')}\n`);
    }
    return known.exitCode;
  }
}
