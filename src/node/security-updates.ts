import { readFile, writeFile } from 'node:fs/promises';
import { WAITING_UPDATES } from '../contract/machine-layout.js';
import { run } from './provision/command.js';

/** Counts the security updates that wait on this machine, as of when the package lists were fetched last. */
export async function countUpdates(): Promise<void> {
  // Needs neither root nor the package manager's lock.
  const simulated = await run('apt-get', ['--simulate', '-o', 'Debug::NoLocking=1', 'dist-upgrade']);
  await writeFile(WAITING_UPDATES, `${securityUpdates(simulated)}\n`, { mode: 0o644 });
}

/** The number of packages in `apt-get --simulate` output with a newer version in Debian's security archive. */
export const securityUpdates = (simulated: string): number =>
  simulated.split('\n').filter((line) => /^Inst \S+ \[[^\]]*\] \(.*Debian-Security:/.test(line)).length;

/** The last count; undefined before the first one. */
export async function pendingUpdates(): Promise<number | undefined> {
  const text = await readFile(WAITING_UPDATES, 'utf8').catch(() => '');
  return /^\d+\n$/.test(text) ? Number(text) : undefined;
}
