import type { Account } from '../../cloud/account.js';
import { hostedZoneIds } from '../../cloud/hosted-zones.js';
import type { Identity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import type { Right } from '../../resources/right.js';
import { rights } from '../policy/rights.js';
import { billing } from './billing.js';
import { certificate } from './certificate.js';
import { caller, judgeCaller } from './credentials.js';
import { disks } from './disk-encryption.js';
import { type Finding, finding } from './finding.js';
import { issuance, zone } from './hosted-zone.js';
import { image } from './image.js';
import { types } from './instance-types.js';
import { login } from './login.js';
import { mail } from './mail.js';
import { nameConflicts } from './name-conflicts.js';
import { judgePermissions, simulate } from './permissions.js';
import { quotas } from './quotas.js';
import { records } from './records.js';
import { ssh } from './ssh.js';

export type { Finding } from './finding.js';

/**
 * All checks that are possible before anything is created: account, domain and file, for the deployment at its
 * maximum size. Reads only. Throws if AWS cannot be reached or does not accept the credentials.
 */
export async function check(account: Account, deployment: Deployment): Promise<Finding[]> {
  const identity = await caller(account);
  const found = await Promise.all([
    judgeCaller(identity),
    finding(
      'rights',
      async () => simulate(account, identity, await neededRights(account, deployment, identity)),
      judgePermissions,
    ),
    types(account, deployment),
    quotas(account, deployment),
    image(account, deployment),
    disks(account),
    billing(account, deployment),
    zone(account, deployment),
    records(account, deployment),
    issuance(account, deployment),
    certificate(account, deployment),
    ssh(account, deployment),
    login(deployment),
    mail(account, deployment),
    nameConflicts(account, deployment, identity),
  ]);
  return found.flat();
}

/** The rights to simulate. Rights over the zone are left out if it does not exist, which is a separate finding. */
async function neededRights(account: Account, deployment: Deployment, identity: Identity): Promise<Right[]> {
  const { dns } = deployment;
  const [zoneId] = dns.kind === 'route53' ? await hostedZoneIds(account, dns.zone).catch(() => []) : [];
  const scope = { account: identity.account, deployment };
  return rights(zoneId ? { ...scope, zoneId } : scope).filter(
    ({ sid }) =>
      // The right to simulate policies is needed by this check only, not by deploying.
      sid !== 'AskAboutItself' && (zoneId || !['ReadZone', 'OwnRecords'].includes(sid)),
  );
}

/**
 * The preflight checks of `up`: problems that would otherwise make a deployment fail after the first resources are
 * created.
 */
export async function quickCheck(account: Account, deployment: Deployment): Promise<Finding[]> {
  const found = await Promise.all([
    types(account, deployment),
    quotas(account, deployment),
    zone(account, deployment),
    ssh(account, deployment),
    billing(account, deployment),
  ]);
  return found.flat();
}

/** Exit code: 0 no problems found, 1 AWS failed to answer, 2 the user has to fix something. */
export function exitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'wrong')) return 2;
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
