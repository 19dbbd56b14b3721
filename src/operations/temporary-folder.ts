import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../config/folder.js';
import { convokeHome } from '../config/home.js';
import { isAlive } from '../config/process.js';

const folder = () => join(convokeHome(), 'scratch');

/**
 * Creates a temporary folder. It is in convoke's home and has this process's id in its name, so that the next process
 * can remove the folders of a killed one.
 */
export function makeScratch(): { readonly path: string; remove(): void } {
  clearScratch();
  makeFolder(folder(), 0o700);
  const path = mkdtempSync(join(folder(), `${process.pid}-`));
  const remove = () => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
    clearScratch();
  };
  // An interrupted process exits without reaching the caller's cleanup.
  process.once('exit', remove);
  return { path, remove };
}

/** Removes the folders of ended processes, and their parent if it is empty. */
export function clearScratch(): void {
  if (!existsSync(folder())) return;
  for (const name of readdirSync(folder())) {
    if (!isAlive(Number.parseInt(name, 10))) rmSync(join(folder(), name), { recursive: true, force: true });
  }
  if (readdirSync(folder()).length === 0) rmSync(folder(), { recursive: true, force: true });
}
