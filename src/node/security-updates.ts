import { readFile, writeFile } from 'node:fs/promises';
import { WAITING_UPDATES } from '../contract/machine-layout.js';
import { run } from './provision/command.js';

/** Counts the security updates that wait on this machine, as of when the package lists were fetched last. */
export async function countUpdates(): Promise<void> {
  // Neither needs root nor waits for those who have it.
  const simulated = await run('apt-get', ['--simulate', '-o', 'Debug::NoLocking=1', 'dist-upgrade']);
  await writeFile(WAITING_UPDATES, `${securityUpdates(simulated)}\n`, { mode: 0o644 });
}

/** Of what `apt-get --simulate` would install, how many packages Debian's security archive has a newer version of. */
export const securityUpdates = (simulated: string): number =>
  simulated.split('\n').filter((line) => /^Inst \S+ \[[^\]]*\] \(.*Debian-Security:/.test(line)).length;

/** What was counted last; undefined where nothing was yet. */
export async function waitingUpdates(): Promise<number | undefined> {
  const text = await readFile(WAITING_UPDATES, 'utf8').catch(() => '');
  return /^\d+\n$/.test(text) ? Number(text) : undefined;
}
