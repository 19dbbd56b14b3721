import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConvokeError } from '../../../contract/errors.js';
import { DRAIN_FLAG } from '../../../contract/machine-layout.js';

/** The `drain` command on a machine. The agent notices within two seconds. */
export async function requestDrain(undo: boolean): Promise<void> {
  try {
    if (undo) {
      await rm(DRAIN_FLAG, { force: true });
      process.stdout.write('This machine returns to service.\n');
      return;
    }
    await mkdir(dirname(DRAIN_FLAG), { recursive: true, mode: 0o755 });
    await writeFile(DRAIN_FLAG, '', { mode: 0o644 });
  } catch (cause) {
    throw new ConvokeError('CannotRequestDrain', {
      what: `${DRAIN_FLAG} cannot be written.`,
      why: cause instanceof Error ? cause.message : String(cause),
      now: 'Run the command as root.',
      fault: 'user',
      cause,
    });
  }
  process.stdout.write(
    'This machine accepts no new participants. "journalctl -f -u convoke-agent" shows the progress; "drain --undo" returns it to service.\n',
  );
}
