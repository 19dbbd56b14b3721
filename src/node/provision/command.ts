import { execa } from 'execa';
import { ConvokeError } from '../../contract/errors.js';

export interface Command {
  /** Standard input, for everything that must not appear in the process list. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds. Default: 600. */
  readonly timeout?: number;
}

/** Runs a program and returns its standard output. Rejects with its last lines if it fails. */
export async function run(program: string, args: readonly string[], command: Command = {}): Promise<string> {
  const result = await execa(program, [...args], {
    input: command.input ?? '',
    env: { LC_ALL: 'C.UTF-8', ...command.env },
    timeout: (command.timeout ?? 600) * 1_000,
    reject: false,
    all: true,
  });
  if (!result.failed) return result.stdout;
  const lines = result.all.trim().split('\n').slice(-6).join('\n');
  throw new ConvokeError('CommandFailed', {
    what: `${program} ${args.slice(0, 2).join(' ')} failed${result.exitCode === undefined ? '' : ` with exit code ${result.exitCode}`}.`,
    why: result.timedOut
      ? `It did not end within ${command.timeout ?? 600} s. ${lines}`
      : lines || String(result.originalMessage),
    now: 'See the lines above in the machine\'s console output or in "journalctl".',
  });
}

/** Whether a program exits with code 0. */
export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return !(await execa(program, [...args], { reject: false, stdin: 'ignore' })).failed;
}
