import { spawn } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { streamName } from '../../contract/log-lines.js';
import { LOGS_CURSOR } from '../../contract/machine-layout.js';
import { readInstanceContext, readSpec } from '../facts.js';
import { instanceMetadata } from '../metadata.js';
import { FIELDS, MATCHES } from './journal-entry.js';
import { logStream } from './log-group.js';
import { ship } from './shipper.js';

/** Milliseconds after the signal to stop in which the last lines of other units still arrive. */
const LAST_LINES = 500;

/**
 * Sends the journal's lines to the deployment's log group until systemd stops it, from where it stopped before.
 * systemd stops it after the daemons, so their last lines are sent as well.
 */
export async function shipLogs(): Promise<void> {
  const spec = await readSpec();
  const { instanceId } = await readInstanceContext(instanceMetadata());
  const cursor = await readFile(LOGS_CURSOR, 'utf8').catch(() => undefined);
  const stop = new AbortController();
  const journal = spawn('journalctl', journalArguments(cursor), { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('SIGTERM', async () => {
    await wait(LAST_LINES);
    stop.abort();
    journal.kill();
  });
  const ended = new Promise<number | null>((resolve) => journal.once('exit', resolve));
  await ship({
    lines: createInterface({ input: journal.stdout }),
    diagnostics: spec.logs.diagnostics,
    send: logStream(spec.region, spec.logs.group, streamName(spec, instanceId)),
    save,
    stop: stop.signal,
  });
  // It ends by itself only if the journal cannot be read. systemd starts it again.
  const code = await ended;
  if (!stop.signal.aborted) throw new Error(`journalctl ended with ${code}`);
}

/** `--all`: without it, long lines are left out. */
export const journalArguments = (cursor: string | undefined): string[] => [
  '--follow',
  '--output=json',
  '--all',
  '--no-pager',
  `--output-fields=${FIELDS.join(',')}`,
  // Without a cursor from the beginning, which is the machine's first boot.
  '--no-tail',
  ...(cursor ? [`--after-cursor=${cursor}`] : []),
  ...MATCHES,
];

async function save(cursor: string): Promise<void> {
  const draft = `${LOGS_CURSOR}.new`;
  await writeFile(draft, cursor);
  await rename(draft, LOGS_CURSOR);
}
