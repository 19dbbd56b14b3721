import type { Account } from '../../cloud/account.js';
import { plainName } from '../../cloud/certificates.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import { type Deployment, isProvenManually } from '../../config/deployment.js';
import { stackName } from '../../contract/names.js';
import { type PublicName, publicNames } from '../../stack/host-names.js';
import { current, type Named, ownValidationRecordsOnly, proofs } from './certificate.js';
import { namesResolve, ownResolver, recordLookup } from './lookup.js';
import type { ManualRecord } from './record.js';
import { lookUp } from './resolver.js';

/**
 * The records that point the deployment's names to its load balancers; none for load balancers that are not deployed
 * yet.
 */
export const leadingRecords = (
  deployment: Pick<Deployment, 'domain' | 'turn'>,
  stackOutputs: Readonly<Record<string, string>>,
): ManualRecord[] =>
  publicNames(deployment).flatMap(({ name, purpose, output }) => {
    const value = stackOutputs[output]?.toLowerCase();
    return value ? [{ name, type: 'CNAME' as const, value, purpose: `leads to ${purpose}` }] : [];
  });

/** All records that the user has to add, as far as they are known; empty if convoke manages DNS. */
export async function manualRecords(
  account: Account,
  deployment: Named & Pick<Deployment, 'dns' | 'certificate'>,
): Promise<ManualRecord[]> {
  if (deployment.dns.kind !== 'manual') return [];
  const stack = await findStack(account, stackName(deployment.name));
  return [
    ...(isProvenManually(deployment) ? proofs(await current(account, deployment)) : []),
    ...(stack ? leadingRecords(deployment, outputs(stack)) : []),
  ];
}

/**
 * The records that the user has to remove after the deletion: those that DNS has, or may have. After an interrupted
 * `down` the stack's outputs are gone, so the values are read from DNS. TURN's name is always included, because the
 * file may have been lost or changed.
 */
export async function recordsToRemove(
  account: Account,
  { dns, ...deployment }: Pick<Deployment, 'name' | 'domain' | 'dns'>,
): Promise<ManualRecord[]> {
  if (dns.kind !== 'manual') return [];
  const named = { ...deployment, turn: true };
  const stack = await findStack(account, stackName(deployment.name));
  const known = [
    ...(await ownValidationRecordsOnly(account, named)),
    ...(stack ? leadingRecords(named, outputs(stack)) : []),
  ];
  const forgotten = publicNames(named).filter(({ name }) => !known.some((record) => record.name === name));
  const leading = await Promise.all(forgotten.map((it) => stillLeading(account, deployment.name, it)));
  const seen = await recordLookup(account)([...known, ...leading.flat()]);
  return seen
    .filter(({ state }) => state === 'seen' || state === 'unknown')
    .map(({ state: _, detail: __, ...record }) => record);
}

/** The record of a name, if it points to a load balancer of the deployment. */
async function stillLeading(
  account: Account,
  deployment: string,
  { name, purpose }: PublicName,
): Promise<ManualRecord[]> {
  if (!namesResolve(account)) return [];
  const alias = await lookUp((resolver) => resolver.resolveCname(name), ownResolver(account));
  const value = alias.kind === 'records' ? plainName(alias.records[0] ?? '') : '';
  const own = value.startsWith(`${stackName(deployment)}-`) && value.endsWith('.elb.amazonaws.com');
  return own ? [{ name, type: 'CNAME', value, purpose: `leads to ${purpose}` }] : [];
}
