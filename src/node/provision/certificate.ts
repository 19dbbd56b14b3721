import { chmod, chown, rename, stat } from 'node:fs/promises';
import { PROSODY_CERTIFICATE, PROSODY_KEY } from '../../contract/machine-layout.js';
import { run } from './command.js';

/**
 * Prosody's certificate for Jicofo and the bridges. It is created on the machine and never leaves it; participants
 * see the load balancer's. An existing one is kept.
 */
export async function ensureCertificate(domain: string): Promise<void> {
  if (await stat(PROSODY_CERTIFICATE).catch(() => undefined)) return;
  const group = Number((await run('getent', ['group', 'prosody'])).split(':')[2]);
  const draft = { key: `${PROSODY_KEY}.new`, certificate: `${PROSODY_CERTIFICATE}.new` };
  const names = [domain, `*.${domain}`, `auth.${domain}`].map((name) => `DNS:${name}`).join(',');
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '3650',
    '-subj',
    '/CN=convoke',
    '-addext',
    `subjectAltName=${names}`,
    '-keyout',
    draft.key,
    '-out',
    draft.certificate,
  ]);
  for (const file of [draft.key, draft.certificate]) {
    await chown(file, 0, group);
    await chmod(file, 0o640);
  }
  await rename(draft.key, PROSODY_KEY);
  await rename(draft.certificate, PROSODY_CERTIFICATE);
}
