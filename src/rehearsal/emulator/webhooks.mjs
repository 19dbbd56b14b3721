// Loaded into the process of each function: what it would post to the internet becomes a file beside the mail.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// A function ends with the emulator, even in the middle of an invocation.
process.stdin.once('end', () => process.exit());

const folder = process.env.EMULATOR_MAIL;
let caught = 0;

globalThis.fetch = async (url, { body = '' } = {}) => {
  const { text = '' } = JSON.parse(body);
  const [subject, ...rest] = text.split('\n');
  const time = `${new Date().toISOString().slice(0, 19)}Z`;
  caught += 1;
  const name = `${time.replaceAll(':', '')}-w${process.pid}-${caught}.json`;
  const message = { to: String(url), subject, body: rest.join('\n').trim(), time, topic: 'webhook' };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `.${name}`), JSON.stringify(message, null, 2));
  renameSync(join(folder, `.${name}`), join(folder, name));
  return new Response('ok');
};
