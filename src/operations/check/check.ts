import type { Account } from '../../cloud/account.js';
import { hostedZoneIds } from '../../cloud/hosted-zones.js';
import type { Identity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import type { Right } from '../policy/right.js';
import { rights } from '../policy/rights.js';
import { billing } from './billing.js';
import { certificate } from './certificate.js';
import { caller, judgeCaller } from './credentials.js';
import { disks } from './disk-encryption.js';
import { type Finding, finding } from './finding.js';
import { issuance, zone } from './hosted-zone.js';
import { image } from './image.js';
import { types } from './instance-types.js';
import { mail } from './mail.js';
import { judgePermissions, simulate } from './permissions.js';
import { quotas } from './quotas.js';
import { records } from './records.js';
import { names } from './resource-names.js';
import { ssh } from './ssh.js';

export type { Finding } from './finding.js';

/**
 * Everything that can be known before anything costs: whether the account, the domain and the file fit together at the
 * deployment's largest. Reads only. Throws where AWS cannot be reached or does not know the credentials.
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
    mail(account, deployment),
    names(account, deployment, identity),
  ]);
  return found.flat();
}

/** The rights to ask IAM about. Those over the zone are left out where there is none: that is a finding of its own. */
async function neededRights(account: Account, deployment: Deployment, identity: Identity): Promise<Right[]> {
  const { dns } = deployment;
  const [zoneId] = dns.kind === 'route53' ? await hostedZoneIds(account, dns.zone).catch(() => []) : [];
  const scope = { account: identity.account, deployment };
  return rights(zoneId ? { ...scope, zoneId } : scope).filter(
    ({ sid }) =>
      // Whoever asks IAM about rights needs that one right; it is not what deploying needs.
      sid !== 'AskAboutItself' && (zoneId || !['ReadZone', 'OwnRecords'].includes(sid)),
  );
}

/** The quick part, which `up` begins with: what would else stop it half-way, after the first things cost. */
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

/** What the findings mean to a script: 0 all well as far as anybody knows, 1 AWS failed, 2 something is the person's to mend. */
export function exitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'wrong')) return 2;
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}
