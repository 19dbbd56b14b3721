/** Any command of the SDK. */
interface Command {
  // biome-ignore lint/suspicious/noExplicitAny: input and output differ from command to command, and do not matter here.
  readonly middlewareStack: { add: (...args: any[]) => void };
}

/**
 * Lets a command record when AWS answered it, by AWS's own clock: the `Date` header, in whole seconds. Returns a function
 * for after the command was sent, which returns undefined if the answer had no such header.
 */
export function answerTime(command: Command): () => Date | undefined {
  let date = Number.NaN;
  const record = (next: (args: object) => Promise<{ response: unknown }>) => async (args: object) => {
    const result = await next(args);
    const { headers } = result.response as { headers?: Record<string, string> };
    date = Date.parse(headers?.date ?? '');
    return result;
  };
  command.middlewareStack.add(record, { step: 'deserialize', priority: 'low' });
  return () => (Number.isNaN(date) ? undefined : new Date(date));
}
