/**
 * The side that has to fix the error: `user` is a mistake of the user (exit code 2), `convoke` a failure of convoke
 * or AWS (exit code 1).
 */
export type Fault = 'user' | 'convoke';

/**
 * An error that the user can act on: what went wrong, why, and what to do now, each a sentence. `name` is stable for
 * scripts; `--json` prints it.
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
    return this.fault === 'user' ? 2 : 1;
  }
}
