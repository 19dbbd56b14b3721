import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AGENT_STATE, CHANGED_FLAG } from '../../contract/machine-layout.js';
import { ClusterMembers } from '../facts.js';

const FILE = 'cluster-members.json';
/** Many times what the largest deployment needs. */
const MOST_BYTES = 1_000_000;

/** Keeps what the agent found, for the next boot and for root, who renders the edge from it. */
export async function saveMembers(found: ClusterMembers, folder = AGENT_STATE): Promise<void> {
  await writeFile(`${folder}/${FILE}.new`, `${JSON.stringify(found)}\n`);
  await rename(`${folder}/${FILE}.new`, `${folder}/${FILE}`);
  await writeFile(`${folder}/${basename(CHANGED_FLAG)}`, '');
}

/**
 * What the agent found last; undefined if nothing is saved. It is read by root and written by an account that may do
 * little, so it is believed only as far as it is what it should be: a plain file of cluster members. Its text gets into no message.
 */
export async function savedMembers(folder = AGENT_STATE): Promise<ClusterMembers | undefined> {
  // Neither a link to somebody else's file, nor a pipe that would never end.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(`${folder}/${FILE}`, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const there = await file.stat();
    if (!there.isFile() || there.size > MOST_BYTES) throw new Error(`${FILE} is no list of machines`);
    return ClusterMembers.parse(json(await file.readFile('utf8')));
  } finally {
    await file.close();
  }
}

/** Says that the list is about to be read. */
export async function lowerFlag(): Promise<void> {
  await rm(CHANGED_FLAG, { force: true });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse would quote what it read.
    throw new Error(`${FILE} is not JSON`);
  }
}
