import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../config/folder.js';
import { isAlive } from '../config/process.js';

/** In the name of a folder that is not finished, followed by the id of its process. */
const DRAFT = '.unfinished-';

/**
 * A folder of the cache that is created the first time it is needed, and never changes. It is filled in a draft beside it
 * and moved, so that an incomplete folder is never used. If several processes create it at once, all use the one that
 * was finished first. Drafts of killed processes are removed. Returns the folder.
 */
export async function cachedFolder(
  folder: string,
  create: (draft: string) => Promise<void>,
): Promise<string> {
  if (existsSync(folder)) return folder;
  const cache = dirname(folder);
  makeFolder(cache);
  removeAbandoned(cache);
  const draft = mkdtempSync(`${folder}${DRAFT}${process.pid}-`);
  try {
    await create(draft);
    renameSync(draft, folder);
  } catch (error) {
    // Another process has finished it meanwhile, and a folder that is not empty is never replaced.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Removes the drafts of processes that have ended. */
function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache)) {
    const pid = name.split(DRAFT)[1];
    if (pid === undefined || isAlive(Number.parseInt(pid, 10))) continue;
    try {
      rmSync(join(cache, name), { recursive: true, force: true });
    } catch {
      // A child of the killed process still writes in it, or another process removes it, too. A later command tries again.
    }
  }
}
