import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { ConvokeError } from '../contract/errors.js';
import { examineFile } from './examine-file.js';

/** A larger file is not a `convoke.yaml`. */
const LARGEST_FILE = 256 * 1024;

/** The text of a `convoke.yaml`. Throws `ConfigUnreadable`. */
export function readText(path: string): string {
  if (!path) throw unreadable('--config names no file.', 'Give the path of a convoke.yaml.');
  try {
    const file = examineFile(path);
    if ('complaint' in file) throw unreadable(`${path} ${file.complaint}.`, 'Use --config to name the file.');
    if (file.size > LARGEST_FILE) {
      throw unreadable(
        `${path} has ${file.size} bytes, which is too large for a convoke.yaml.`,
        'Use --config to name the right file.',
      );
    }
    return decoded(readFileSync(path), path);
  } catch (error) {
    if (error instanceof ConvokeError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw unreadable(
        `${path} does not exist.`,
        'Run "convoke init" to create it, or use --config to name another file.',
        error,
      );
    if (code === 'EACCES')
      throw unreadable(`No permission to read ${path}.`, 'Check the permissions of the file.', error);
    throw unreadable(
      `${path} could not be read: ${(error as Error).message}.`,
      'Use --config to name another file.',
      error,
    );
  }
}

/** Refuses other encodings, because a decoder would replace their letters, for example in the title of the page. */
function decoded(bytes: Buffer, path: string): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff')
    throw unreadable(
      `${path} is encoded in UTF-16.`,
      'Save the file in UTF-8, and run the same command again.',
    );
  if (bytes.includes(0))
    throw unreadable(`${path} is not a text file.`, 'Use --config to name the right file.');
  const line = lineNotInUtf8(bytes);
  if (line !== undefined)
    throw unreadable(
      `${path} is not encoded in UTF-8: line ${line} has a character of another encoding.`,
      'Save the file in UTF-8, and run the same command again.',
    );
  return bytes.toString('utf8');
}

/** The number of the first line that is not UTF-8, whose characters never contain the byte of a line break. */
function lineNotInUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  const lines = bytes.toString('latin1').split('\n');
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}

const unreadable = (what: string, now: string, cause?: unknown) =>
  new ConvokeError('ConfigUnreadable', { what, now, fault: 'user', cause });
