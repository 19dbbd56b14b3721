import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Account } from '../cloud/account.js';
import { client, isAbsent } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { seedName } from '../contract/names.js';
import { password, readSeed } from '../node/secrets.js';

/**
 * The key that a deployment's invitations are signed with. It needs the right `secretsmanager:GetSecretValue` on the
 * shards' secret, and is kept nowhere but in memory. Throws `NotDeployed` or `SeedNotReadable`.
 */
export async function tokenKey(account: Account, deployment: Pick<Deployment, 'name'>): Promise<string> {
  const secret = seedName(deployment.name);
  try {
    return password(await readSeed(client(account, SecretsManagerClient), secret), 'tokens');
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    if (isAbsent(cause)) {
      throw new ConvokeError('NotDeployed', {
        what: `There is no deployment ${deployment.name} in ${account.region}.`,
        why: `Its secret ${secret} is not there.`,
        now: '"convoke up" makes it.',
        fault: 'person',
        cause,
      });
    }
    if (/AccessDenied|not authorized/i.test(String(cause))) {
      throw new ConvokeError('SeedNotReadable', {
        what: `These credentials may not read the secret ${secret}, from which invitations are signed.`,
        why: cause instanceof Error ? cause.message : String(cause),
        now: 'Give them secretsmanager:GetSecretValue on this one secret, or use others.',
        fault: 'person',
        cause,
      });
    }
    // What a machine would be told of its own rights helps nobody at a desk.
    throw cause;
  }
}
