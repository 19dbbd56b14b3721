import type { CaaRecord } from 'node:dns';
import {
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import { hostedZoneIds, zoneComplaint } from '../../cloud/hosted-zones.js';
import type { Deployment } from '../../config/deployment.js';
import { stackName } from '../../contract/names.js';
import { hostNames } from '../../stack/host-names.js';
import { type DnsAnswer, lookUp } from '../dns/resolver.js';
import { type Finding, finding, fine, unknown, wrong } from './finding.js';

/**
 * Whether convoke can create the domain's record, and whether public DNS will have it. No findings if the user
 * manages DNS.
 */
export async function zone(account: Account, deployment: Deployment): Promise<Finding[]> {
  const { dns } = deployment;
  if (dns.kind !== 'route53') return [];
  let id = '';
  const owned = await finding(
    'zone',
    () => hostedZoneIds(account, dns.zone),
    (ids) => {
      [id = ''] = ids;
      return [judgeZone(dns.zone, ids)];
    },
  );
  if (owned.some(({ state }) => state !== 'fine')) return owned;
  const found = await Promise.all([
    finding(
      'delegation',
      async () => ({
        zone: dns.zone,
        servers: await nameServers(account, id),
        seen: isPublic(account) ? await lookUp((resolver) => resolver.resolveNs(dns.zone)) : undefined,
      }),
      judgeDelegation,
    ),
    ...hostNames(deployment).map((domain) =>
      finding(
        'name',
        () => recordsAt(account, id, domain),
        (records) => [judgeName({ name: deployment.name, domain }, records)],
      ),
    ),
  ]);
  return [...owned, ...found.flat()];
}

export function judgeZone(zone: string, ids: readonly string[]): Finding {
  const complaint = zoneComplaint(zone, ids);
  if (!complaint) return fine('zone', `${zone} is in this account`);
  const { message } = complaint;
  return wrong('zone', `${message.charAt(0).toLowerCase()}${message.slice(1, -1)}`, complaint.now);
}

async function nameServers(account: Account, id: string): Promise<string[]> {
  const answer = await client(account, Route53Client).send(new GetHostedZoneCommand({ Id: id }));
  return (answer.DelegationSet?.NameServers ?? []).map(plain);
}

const isPublic = ({ dns }: Account): boolean => dns.kind === 'public';

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

export interface DelegationFacts {
  readonly zone: string;
  /** The name servers that Route 53 assigned to the zone. */
  readonly servers: readonly string[];
  /** The name servers in public DNS; undefined if public DNS does not know this cloud. */
  readonly seen: DnsAnswer<string> | undefined;
}

export function judgeDelegation({ zone, servers, seen }: DelegationFacts): Finding[] {
  const subject = 'delegation';
  const now = `At the registrar of ${zone}, or in its parent zone, set its name servers to: ${servers.join(', ')}.`;
  if (!seen) return [unknown(subject, 'public DNS does not know this cloud')];
  switch (seen.kind) {
    case 'no answer':
      return [
        unknown(
          subject,
          `public DNS did not answer (${seen.why})`,
          `Check on a machine with network access that "dig NS ${zone}" returns ${servers.join(', ')}.`,
        ),
      ];
    case 'none':
    case 'no such name':
      return [wrong(subject, `public DNS has no delegation of ${zone}`, now)];
    case 'records': {
      const strangers = seen.records.map(plain).filter((server) => !servers.includes(server));
      if (strangers.length === 0) return [fine(subject, `public DNS delegates to this zone`)];
      return [
        wrong(
          subject,
          `public DNS delegates to ${strangers.join(', ')}, which are not the name servers of this zone`,
          now,
        ),
      ];
    }
  }
}

/** Records of exactly this name. */
async function recordsAt(account: Account, id: string, domain: string): Promise<ResourceRecordSet[]> {
  const answer = await client(account, Route53Client).send(
    new ListResourceRecordSetsCommand({ HostedZoneId: id, StartRecordName: domain, MaxItems: 20 }),
  );
  return (answer.ResourceRecordSets ?? []).filter(({ Name = '' }) => plain(Name) === domain);
}

/** Whether the name has no records yet, or only those of this deployment. */
export function judgeName(
  { name, domain }: Pick<Deployment, 'name' | 'domain'>,
  records: readonly Pick<ResourceRecordSet, 'Type' | 'AliasTarget'>[],
): Finding {
  const taken = records.filter(
    ({ Type = '', AliasTarget }) =>
      ['A', 'AAAA', 'CNAME'].includes(Type) && !AliasTarget?.DNSName?.includes(`${stackName(name)}-`),
  );
  if (taken.length === 0) return fine('name', `${domain} is unused, or points to this deployment`);
  return wrong(
    'name',
    `${domain} has ${taken.map(({ Type }) => Type).join(' and ')} records that point elsewhere`,
    'Delete them in Route 53 if they are no longer needed, or choose another domain.',
  );
}

/** Names of Amazon's certificate authority in CAA records (ACM User Guide, "Configure a CAA record"). */
const AMAZON = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

/** Whether CAA records allow Amazon to issue certificates for the domain. No finding if the user has a certificate. */
export async function issuance(account: Account, deployment: Deployment): Promise<Finding[]> {
  if (deployment.certificate) return [];
  if (!isPublic(account)) return [unknown('CAA records', 'public DNS does not know this cloud')];
  return [judgeCaa(await nearestCaa(deployment.domain))];
}

/** The relevant CAA records: those of the name itself, or of the nearest parent that has any (RFC 8659). */
async function nearestCaa(domain: string): Promise<DnsAnswer<CaaRecord>> {
  const labels = domain.split('.');
  for (let index = 0; index < labels.length - 1; index++) {
    const answer = await lookUp((resolver) => resolver.resolveCaa(labels.slice(index).join('.')));
    if (answer.kind === 'records' || answer.kind === 'no answer') return answer;
  }
  return { kind: 'none' };
}

export function judgeCaa(answer: DnsAnswer<Pick<CaaRecord, 'issue'>>): Finding {
  const subject = 'CAA records';
  if (answer.kind === 'no answer')
    return unknown(
      subject,
      `public DNS did not answer (${answer.why})`,
      'Run this again with network access.',
    );
  const issuers = answer.kind === 'records' ? answer.records.flatMap(({ issue }) => issue ?? []) : [];
  const named = issuers.map((issuer) => plain(issuer.split(';')[0]?.trim() ?? ''));
  if (issuers.length === 0 || named.some((name) => AMAZON.includes(name)))
    return fine(subject, 'Amazon may issue the certificate');
  return wrong(
    subject,
    `they allow only ${named.filter(Boolean).join(', ') || 'no one'} to issue certificates`,
    'Add a CAA record 0 issue "amazon.com", or use a certificate of your own ("certificate").',
  );
}
