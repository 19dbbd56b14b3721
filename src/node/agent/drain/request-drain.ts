import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConvokeError } from '../../../contract/errors.js';
import { DRAIN_FLAG } from '../../../contract/machine-layout.js';

/** For a person on the machine: the agent sees it within two seconds. */
export async function requestDrain(undo: boolean): Promise<void> {
  try {
    if (undo) {
      await rm(DRAIN_FLAG, { force: true });
      process.stdout.write('This machine goes back into service.\n');
      return;
    }
    await mkdir(dirname(DRAIN_FLAG), { recursive: true, mode: 0o755 });
    await writeFile(DRAIN_FLAG, '', { mode: 0o644 });
  } catch (cause) {
    throw new ConvokeError('CannotAskForDrain', {
      what: `${DRAIN_FLAG} cannot be written.`,
      why: cause instanceof Error ? cause.message : String(cause),
      now: 'Run the command as root.',
      fault: 'person',
      cause,
    });
  }
  process.stdout.write(
    'This machine takes nobody new. "journalctl -f -u convoke-agent" shows how people leave; "drain --undo" takes it back.\n',
  );
}
