import type { Account } from '../../cloud/account.js';
import { rememberProofs } from '../../cloud/validation-records.js';
import type { Deployment } from '../../config/deployment.js';
import { turnName } from '../../config/turn.js';

/**
 * Saves the validation records of a certificate that an update replaces by one without some of its names, or by the
 * user's own: CloudFormation leaves them behind, and without the certificate nothing shows whose they are. `down`
 * deletes them.
 */
export async function rememberReplacedProofs(account: Account, deployment: Deployment): Promise<void> {
  const { name, domain, certificate, turn } = deployment;
  const kept = certificate ? [] : [domain, ...(turn ? [turnName(domain)] : [])];
  await rememberProofs(account, { deployment: name, domain }, (proven) => kept.includes(proven));
}
