import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MachineFile } from '../render/file.js';
import { run } from './command.js';

export type Reader = MachineFile['readBy'][number];

/** Numeric ids for `user:group`. */
export type Ids = (owner: string) => Promise<{ uid: number; gid: number }>;

/**
 * Writes the files that differ from the disk in text, owner or permissions. Returns which daemons read them. Each
 * file appears complete, and is never readable by more users than its final permissions allow.
 */
export async function apply(
  files: readonly MachineFile[],
  ids: Ids = systemIds,
  root = '',
): Promise<Set<Reader>> {
  const readers = new Set<Reader>();
  for (const file of files) {
    if (await applyOne(file, ids, root)) for (const reader of file.readBy) readers.add(reader);
  }
  return readers;
}

async function applyOne(file: MachineFile, ids: Ids, root: string): Promise<boolean> {
  const path = root + file.path;
  const { uid, gid } = await ids(file.owner);
  const there = await stat(path).catch(() => undefined);
  if (
    there?.isFile() &&
    there.uid === uid &&
    there.gid === gid &&
    (there.mode & 0o7777) === file.mode &&
    (await readFile(path, 'utf8')) === file.text
  ) {
    return false;
  }
  await makeFolder(dirname(path));
  const draft = `${path}.convoke-new`;
  await rm(draft, { force: true });
  await writeFile(draft, file.text, { mode: 0o600, flag: 'wx' });
  await chown(draft, uid, gid);
  await chmod(draft, file.mode);
  await rename(draft, path);
  return true;
}

/**
 * Creates missing folders with their parent's owner and permissions: readable by all below /etc, by Prosody alone
 * below its own.
 */
async function makeFolder(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  const parent = dirname(path);
  await makeFolder(parent);
  const { uid, gid, mode } = await stat(parent);
  await mkdir(path);
  await chown(path, uid, gid);
  await chmod(path, mode & 0o7777);
}

const known = new Map<string, number>();

async function systemIds(owner: string): Promise<{ uid: number; gid: number }> {
  const [user = '', group = ''] = owner.split(':');
  return { uid: await systemId('passwd', user), gid: await systemId('group', group) };
}

async function systemId(database: 'passwd' | 'group', name: string): Promise<number> {
  const key = `${database} ${name}`;
  const id = known.get(key) ?? Number((await run('getent', [database, name])).split(':')[2]);
  known.set(key, id);
  return id;
}
