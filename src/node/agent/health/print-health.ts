import { ConvokeError } from '../../../contract/errors.js';
import { PORTS } from '../../../contract/ports.js';

/** The `health` command on a machine: prints the agent's state. Exit code 1 if anything is unhealthy. */
export async function printHealth(): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${PORTS.agent}/health`, {
    signal: AbortSignal.timeout(5_000),
  }).catch((cause: unknown) => {
    throw new ConvokeError('NoAgent', {
      what: 'The agent does not answer.',
      why: String(cause),
      now: 'Read "journalctl -u convoke-agent".',
      cause,
    });
  });
  process.stdout.write(`${JSON.stringify(await answer.json(), null, 2)}\n`);
  if (!answer.ok) process.exitCode = 1;
}
