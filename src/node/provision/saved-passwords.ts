import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { z } from 'zod';
import type { Facts } from '../facts.js';

const FOLDER = '/var/lib/convoke';
const FILE = `${FOLDER}/passwords.json`;

/**
 * Saves the passwords for the next boot, which must not depend on Secrets Manager. Readable by root only; the seeds
 * are not saved.
 */
export async function savePasswords(passwords: Facts['passwords']): Promise<void> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  await writeFile(`${FILE}.new`, JSON.stringify(passwords), { mode: 0o600 });
  await rename(`${FILE}.new`, FILE);
}

/** Undefined before the first provisioning. */
export async function savedPasswords<Passwords>(
  schema: z.ZodType<Passwords>,
): Promise<Passwords | undefined> {
  const text = await readFile(FILE, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
