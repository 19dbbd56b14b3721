import { ConvokeError } from '../../contract/errors.js';

/** Writes one line of the provisioning log, which ends up in the instance's console output. */
export type Log = (line: string) => void;

export const writeToConsole: Log = (line) => {
  process.stdout.write(`convoke: ${line}\n`);
};

/** An error in one line. */
export function sentence(error: unknown): string {
  if (error instanceof ConvokeError)
    return [error.message, error.why, error.now].join(' ').replace(/\s+/g, ' ');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
