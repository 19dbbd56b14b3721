export interface Retry {
  /** How often in all, the first included. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled before each further one. */
  readonly firstWait: number;
  /** Whether a failure will not pass, so that trying again is in vain. Default: all may. */
  readonly isFinal?: (error: unknown) => boolean;
  /** Called before each wait. */
  readonly onFailure?: (error: unknown, nextIn: number) => void;
  /** Default: a timer. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Tries again what may fail for reasons that pass (a lock, a busy mirror). Rejects with the last error. */
export async function retry<T>(act: () => Promise<T>, options: Retry): Promise<T> {
  const wait = options.wait ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt >= options.attempts || options.isFinal?.(error)) throw error;
      const pause = options.firstWait * 2 ** (attempt - 1);
      options.onFailure?.(error, pause);
      await wait(pause);
    }
  }
}
