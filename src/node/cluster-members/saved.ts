import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AGENT_STATE, CHANGED_FLAG } from '../../contract/machine-layout.js';
import { ClusterMembers } from '../facts.js';

const FILE = 'cluster-members.json';
/** Many times the size of the largest deployment's list. */
const MOST_BYTES = 1_000_000;

/** Saves the list that the agent read, for the next boot and for root, which renders the edge from it. */
export async function saveMembers(found: ClusterMembers, folder = AGENT_STATE): Promise<void> {
  await writeFile(`${folder}/${FILE}.new`, `${JSON.stringify(found)}\n`);
  await rename(`${folder}/${FILE}.new`, `${folder}/${FILE}`);
  await writeFile(`${folder}/${basename(CHANGED_FLAG)}`, '');
}

/**
 * The list that was saved last; undefined if none was. Root reads it while an unprivileged user writes it, so it is
 * validated: it has to be a regular file with cluster members. Error messages contain none of its content.
 */
export async function savedMembers(folder = AGENT_STATE): Promise<ClusterMembers | undefined> {
  // Does not follow symbolic links or block on a pipe.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(`${folder}/${FILE}`, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const there = await file.stat();
    if (!there.isFile() || there.size > MOST_BYTES) throw new Error(`${FILE} is not a list of machines`);
    return ClusterMembers.parse(json(await file.readFile('utf8')));
  } finally {
    await file.close();
  }
}

/** Clears the flag before the list is read. */
export async function clearChangedFlag(): Promise<void> {
  await rm(CHANGED_FLAG, { force: true });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse would quote the content.
    throw new Error(`${FILE} is not JSON`);
  }
}
