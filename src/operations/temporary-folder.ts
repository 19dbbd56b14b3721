import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { convokeHome } from '../config/home.js';
import { isAlive } from '../config/process.js';

const folder = () => join(convokeHome(), 'scratch');

/**
 * A folder for the time of some work, removed after it. It lies in convoke's home and is named after this process, so
 * that what a killed one left is found and removed by the next.
 */
export function makeScratch(): { readonly path: string; remove(): void } {
  clearScratch();
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  const path = mkdtempSync(join(folder(), `${process.pid}-`));
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
    clearScratch();
  };
  // Whoever is interrupted has no time to go back to where it is removed.
  process.once('exit', remove);
  return { path, remove };
}

/** Removes the folders of processes that are no more, and the one around them when nothing is left in it. */
export function clearScratch(): void {
  if (!existsSync(folder())) return;
  for (const name of readdirSync(folder())) {
    if (!isAlive(Number.parseInt(name, 10))) rmSync(join(folder(), name), { recursive: true, force: true });
  }
  if (readdirSync(folder()).length === 0) rmSync(folder(), { recursive: true, force: true });
}
