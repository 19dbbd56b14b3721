import Table from 'cli-table3';
import pc from 'picocolors';
import { causes, explain } from '../../operations/failures.js';
import type { ProgressEvent } from '../../operations/progress.js';
import { drawRecords } from './records.js';

/** How many seconds, as a person likes to read it. */
export const seconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;

const duration = (value: number): string => (value < 60 ? seconds(value) : `${Math.floor(value / 60)} min`);

/**
 * Everything that a verb prints. The answer goes to standard output; progress and errors go to standard error, so that
 * an answer can be piped. With `--json` the answer is one object, and progress is one object a line on standard error.
 */
export class Output {
  readonly json: boolean;
  readonly paint: ReturnType<typeof pc.createColors>;

  constructor(options: { json: boolean; color: boolean }) {
    this.json = options.json;
    const wanted = options.color && !process.env.NO_COLOR && process.stderr.isTTY === true;
    this.paint = pc.createColors(wanted);
  }

  /** The verb's answer: `text` for a person, `data` for a program. */
  answer(data: unknown, text: string): void {
    process.stdout.write(this.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`);
  }

  /** A line for the person, beside the answer. */
  say(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`);
  }

  progress(event: ProgressEvent): void {
    if (this.json) {
      process.stderr.write(`${JSON.stringify(event)}\n`);
      return;
    }
    const line = this.line(event);
    if (line) process.stderr.write(`${line}\n`);
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

  private stepLine(event: Extract<ProgressEvent, { kind: 'step' }>): string {
    const { paint } = this;
    switch (event.state) {
      case 'started':
        return paint.dim(`… ${event.title}`);
      case 'done':
        return `${paint.green('✓')} ${event.title} ${paint.dim(`${seconds(event.seconds ?? 0)}${event.detail ? `  ${event.detail}` : ''}`)}`;
      case 'failed':
        return `${paint.red('✗')} ${event.title} ${paint.dim(seconds(event.seconds ?? 0))}`;
    }
  }

  /** Only what has come to an end is told; what begins would double every line. */
  private resourceLine(event: Extract<ProgressEvent, { kind: 'resource' }>): string | undefined {
    if (event.status.endsWith('IN_PROGRESS')) return undefined;
    const { paint } = this;
    const count = event.total
      ? paint.dim(`${String(event.completed).padStart(3)}/${event.total} `)
      : '        ';
    const failed = event.status.includes('FAILED') || event.status.includes('ROLLBACK');
    const status = (failed ? paint.red : paint.dim)(
      event.status.toLowerCase().replaceAll('_', ' ').padEnd(16),
    );
    return `  ${count}${status} ${event.type.replace('AWS::', '')} ${paint.dim(event.logicalId)}${failed ? ` ${event.reason}` : ''}`;
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
      head: head.map((cell) => this.paint.dim(cell)),
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
