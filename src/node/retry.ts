export interface Retry {
  /** Number of attempts, including the first. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled before each further one, unless the wait is `steady`. */
  readonly firstWait: number;
  /** Whether each wait is as long as the first. Default: false. */
  readonly steady?: boolean;
  /** Whether retrying is pointless after this error. Default: never. */
  readonly isFinal?: (error: unknown) => boolean;
  /** Called before each wait. */
  readonly onFailure?: (error: unknown, nextIn: number) => void;
  /** Default: a timer. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Retries an operation that may fail temporarily (a lock, a busy mirror). Rejects with the last error. */
export async function retry<T>(act: () => Promise<T>, options: Retry): Promise<T> {
  const wait = options.wait ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt >= options.attempts || options.isFinal?.(error)) throw error;
      const pause = options.firstWait * (options.steady ? 1 : 2 ** (attempt - 1));
      options.onFailure?.(error, pause);
      await wait(pause);
    }
  }
}
