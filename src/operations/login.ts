import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Account } from '../cloud/account.js';
import { client, isAbsent } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { loginName } from '../contract/names.js';

/** Secrets of clients are some dozens of characters. Longer text is another file by mistake. */
const LONGEST = 1000;

/** Throws `NobodySignsIn` unless hosts sign in. */
export function assertSignsIn({ access, domain }: Pick<Deployment, 'access' | 'domain'>): void {
  if (access === 'hosts') return;
  throw new ConvokeError('NobodySignsIn', {
    what: `Nobody signs in at ${domain}: access is ${access}.`,
    now: 'Set "access: hosts" and "login" in the file, and run "convoke up".',
    fault: 'user',
  });
}

/** The secret from what was typed or piped: one line. Throws `NoClientSecret`. */
export function secretFrom(text: string): string {
  const secret = text.trim();
  if (secret !== '' && secret.length <= LONGEST && /^\P{C}+$/u.test(secret)) return secret;
  throw new ConvokeError('NoClientSecret', {
    what:
      secret === ''
        ? 'Standard input is empty.'
        : `Standard input is not one line of at most ${LONGEST} characters.`,
    now: 'Run "convoke login set-secret" on a terminal and paste the secret that the provider shows, or pipe it in from a password manager.',
    fault: 'user',
  });
}

/** Stores the client's secret, which agents read when a host signs in. Throws `NotDeployed`. */
export async function setLoginSecret(
  account: Account,
  { name }: Pick<Deployment, 'name'>,
  secret: string,
): Promise<void> {
  try {
    await client(account, SecretsManagerClient).send(
      new PutSecretValueCommand({ SecretId: loginName(name), SecretString: JSON.stringify({ secret }) }),
    );
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    throw new ConvokeError('NotDeployed', {
      what: `No deployment named ${name} with "access: hosts" exists in ${account.region}.`,
      why: `Its secret ${loginName(name)} does not exist.`,
      now: 'Run "convoke up" first, then this command again.',
      fault: 'user',
      cause,
    });
  }
}
