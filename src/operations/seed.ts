import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Account } from '../cloud/account.js';
import { client, isAbsent } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { seedName } from '../contract/names.js';
import { password, readSeed } from '../node/secrets.js';

/**
 * The key that signs a deployment's invitations. Reading it needs `secretsmanager:GetSecretValue` on the shards'
 * secret. It is kept only in memory. Throws `NotDeployed` or `SeedNotReadable`.
 */
export async function tokenKey(account: Account, deployment: Pick<Deployment, 'name'>): Promise<string> {
  const secret = seedName(deployment.name);
  try {
    return password(await readSeed(client(account, SecretsManagerClient), secret), 'tokens');
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    if (isAbsent(cause)) {
      throw new ConvokeError('NotDeployed', {
        what: `No deployment named ${deployment.name} exists in ${account.region}.`,
        why: `Its secret ${secret} does not exist.`,
        now: 'Run "convoke up" to create it.',
        fault: 'user',
        cause,
      });
    }
    if (/AccessDenied|not authorized/i.test(String(cause))) {
      throw new ConvokeError('SeedNotReadable', {
        what: `These credentials may not read the secret ${secret}, which is needed to sign invitations.`,
        why: cause instanceof Error ? cause.message : String(cause),
        now: 'Grant them secretsmanager:GetSecretValue on this secret, or use other credentials.',
        fault: 'user',
        cause,
      });
    }
    // The wrapping error has advice for machines, which does not apply here.
    throw cause;
  }
}
