import Table from 'cli-table3';
import pc from 'picocolors';
import { causes, explain } from '../../operations/error-mapper.js';
import type { ProgressEvent } from '../../operations/progress.js';
import { elapsed, MovingLine } from './moving-line.js';
import { drawRecords } from './tables.js';

/** Seconds, rounded for reading. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;

/**
 * Prints everything for a verb. The result goes to standard output; progress and errors go to standard error, so that
 * a result can be piped. On a terminal, progress is one line that is redrawn; elsewhere it is a line for each
 * finished step. With `verbose` it is a line for each event, and with `--json` one object a line.
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
    // A dumb terminal cannot move the cursor to the beginning of a line.
    const moves = terminal && process.env.TERM !== 'dumb' && !this.json && !this.verbose;
    this.moving = moves ? new MovingLine(process.stderr) : undefined;
  }

  /** Prints the verb's result: `text` for people, `data` for programs. */
  result(data: unknown, text: string): void {
    const done = this.moving?.end();
    if (done) process.stderr.write(`${this.paint.green('✓')} ${this.paint.dim(done)}\n`);
    process.stdout.write(this.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  }

  /** Prints a line to standard error, beside the result. */
  note(text: string): void {
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
    if (line) this.note(line);
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
        return this.paint.dim(`  waiting for ${event.what}, ${elapsed(event.seconds)} so far`);
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

  /** Prints only what has finished; printing what starts would double every line. */
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

  /** Aligned columns without borders. */
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
      head: head.map((title) => this.paint.dim(title)),
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

  /** Prints an error with its cause and the next step. Returns the exit code. */
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
