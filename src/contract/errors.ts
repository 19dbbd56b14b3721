/** Whose mistake it was decides the exit code: 2 for the person's, 1 for ours or the cloud's. */
export type Fault = 'person' | 'convoke';

/**
 * An error a person can act on: what went wrong, why, and what to do now, each a sentence.
 * `name` is a stable word for scripts (`--json` prints it).
 */
export class ConvokeError extends Error {
  override readonly name: string;
  readonly fault: Fault;
  readonly why: string;
  readonly now: string;

  constructor(
    name: string,
    options: { what: string; why?: string; now: string; fault?: Fault; cause?: unknown },
  ) {
    super(options.what, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.fault = options.fault ?? 'convoke';
    this.why = options.why ?? '';
    this.now = options.now;
  }

  get exitCode(): 1 | 2 {
    return this.fault === 'person' ? 2 : 1;
  }
}
