import { readFile } from 'node:fs/promises';
import { ConvokeError } from '../../contract/errors.js';

/** A key that provisioning and each boot write. `holds`: what it is the key of. Throws an error with that `name`. */
export async function keyFrom(
  file: string,
  { name, holds }: { name: string; holds: string },
): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConvokeError(name, {
      what: `${file} cannot be read.`,
      why: `It holds the key of ${holds}. Provisioning and each boot write it.`,
      now: 'Check its permissions. If it does not exist, replace the machine.',
      cause,
    });
  });
}
