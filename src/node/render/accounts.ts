import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { ShardFacts } from '../facts.js';
import type { MachineFile } from './file.js';
import { lua } from './quoting.js';
import { xmppNames } from './xmpp-names.js';

const ITERATIONS = 10_000;

/**
 * Accounts of Jicofo, the bridges and the recorders, in Prosody's own storage format. Written as files because `prosodyctl` takes a
 * password only as an argument, which every process on the machine can read, or from a terminal.
 */
export function accounts(facts: ShardFacts): MachineFile[] {
  const names = xmppNames(facts.spec.domain);
  return [
    account(names.auth, 'focus', facts.passwords.focus),
    account(names.auth, 'jvb', facts.passwords.bridge),
    ...recorderAccounts(facts),
    // Without a mutual subscription the proxy component does not learn that Jicofo is online.
    store(names.auth, 'roster', 'focus', {
      [`[${lua(names.focus)}]`]: '{ subscription = "both"; groups = {} }',
    }),
  ];
}

function recorderAccounts({ spec, passwords }: ShardFacts): MachineFile[] {
  const { auth, recorder } = xmppNames(spec.domain);
  if (!spec.recording || !passwords.recorder) return [];
  return [
    account(auth, 'jibri', passwords.recorder.brewery),
    account(recorder, 'recorder', passwords.recorder.meetings),
  ];
}

/**
 * SCRAM-SHA-1 keys (RFC 5802): the password itself is not stored here. The salt is derived from the password, so that
 * repeated rendering changes nothing.
 */
function account(host: string, user: string, password: string): MachineFile {
  const salt = createHmac('sha256', password).update(`salt ${user}@${host}`).digest('hex').slice(0, 32);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 20, 'sha1');
  const clientKey = createHmac('sha1', salted).update('Client Key').digest();
  return store(host, 'accounts', user, {
    iteration_count: String(ITERATIONS),
    salt: lua(salt),
    server_key: lua(createHmac('sha1', salted).update('Server Key').digest('hex')),
    stored_key: lua(createHash('sha1').update(clientKey).digest('hex')),
  });
}

function store(host: string, name: string, user: string, fields: Record<string, string>): MachineFile {
  const body = Object.entries(fields).map(([key, value]) => `\t${key} = ${value};\n`);
  return {
    path: `/var/lib/prosody/${fileName(host)}/${name}/${fileName(user)}.dat`,
    mode: 0o640,
    owner: 'prosody:prosody',
    text: `return {\n${body.join('')}};\n`,
    // Prosody opens these at each login.
    readBy: [],
  };
}

/** File name as in Prosody's data manager: everything but letters and digits as `%xx`. */
function fileName(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
