import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A recording on the disk. */
export interface RecordedFile {
  /** Jibri's id of the recording: the name of its folder. */
  readonly session: string;
  readonly path: string;
  /** The room, as Jibri names it in the file's name. */
  readonly room: string;
  readonly began: Date;
  readonly size: number;
  /** When it was last written, in milliseconds since the epoch. */
  readonly writtenAt: number;
  /** Whether Jibri has finished it: it then writes a file of metadata beside it. */
  readonly hasEnded: boolean;
}

/** Jibri's names: the room and the machine's local time, which is UTC. */
const NAME = /^(.*)_(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)\.mp4$/s;

/** Written by Jibri at the end of a recording. */
const METADATA = 'metadata.json';

/** All recordings below Jibri's folder. A folder without a recording is left out. */
export async function recordedFiles(folder: string): Promise<RecordedFile[]> {
  const sessions = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Jibri has not been started yet.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = await Promise.all(
    sessions.filter((entry) => entry.isDirectory()).map(({ name }) => recordedFile(join(folder, name))),
  );
  return found.filter((file) => file !== undefined);
}

async function recordedFile(folder: string): Promise<RecordedFile | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const [, room, date, hours, minutes, seconds] = NAME.exec(name) ?? [];
    if (room === undefined) continue;
    const path = join(folder, name);
    const seen = await stat(path).catch(() => undefined);
    if (!seen?.isFile()) continue;
    return {
      session: basename(folder),
      path,
      room,
      began: new Date(`${date}T${hours}:${minutes}:${seconds}Z`),
      size: seen.size,
      writtenAt: seen.mtimeMs,
      hasEnded: names.includes(METADATA),
    };
  }
  return undefined;
}
