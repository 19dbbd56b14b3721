import {
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { turnName } from '../../config/turn.js';
import { namePrefix, turnBalancerName } from '../../contract/names.js';
import type { Account } from '../account.js';
import { deleteCertificate, othersProvenBy, plainName, taggedCertificates } from '../certificates.js';
import { client, ifThere } from '../clients.js';
import { hostedZoneIds } from '../hosted-zones.js';
import { ownProofs } from '../validation-records.js';
import type { Kind, Target } from './kind.js';

/** Names of load balancers and of their target groups. */
const names = ({ deployment }: Target) => [namePrefix(deployment), turnBalancerName(deployment)];

/**
 * Finds resources by these names, one request per name, because AWS fails a request for several names if one does not
 * exist.
 */
const ofEach = async <T>(all: readonly string[], ask: (name: string) => Promise<T[]>): Promise<T[]> =>
  (await Promise.all(all.map((name) => ifThere(ask(name))))).flatMap((found) => found ?? []);

const balancers: Kind = {
  name: 'load balancers',
  find: (account, target) =>
    ofEach(names(target), (name) =>
      client(account, ElasticLoadBalancingV2Client)
        .send(new DescribeLoadBalancersCommand({ Names: [name] }))
        .then((answer) => (answer.LoadBalancers ?? []).map((b) => b.LoadBalancerArn ?? '')),
    ),
  async remove(account, id) {
    await client(account, ElasticLoadBalancingV2Client).send(
      new DeleteLoadBalancerCommand({ LoadBalancerArn: id }),
    );
  },
};

const targetGroups: Kind = {
  name: 'target groups',
  find: (account, target) =>
    ofEach(names(target), (name) =>
      client(account, ElasticLoadBalancingV2Client)
        .send(new DescribeTargetGroupsCommand({ Names: [name] }))
        .then((answer) => (answer.TargetGroups ?? []).map((g) => g.TargetGroupArn ?? '')),
    ),
  async remove(account, id) {
    await client(account, ElasticLoadBalancingV2Client).send(
      new DeleteTargetGroupCommand({ TargetGroupArn: id }),
    );
  },
};

const certificates: Kind = {
  name: 'certificates',
  find: (account, target) => taggedCertificates(account, target),
  remove: deleteCertificate,
};

/** Aliases to the load balancers, and the certificate's validation records, which CloudFormation does not delete. */
const records: Kind = {
  name: 'DNS records',
  find: async (account, target) =>
    (await recordsOfDomain(account, target)).filter(({ why }) => !why).map(recordId),
  async remove(account, id, target) {
    const own = (await recordsOfDomain(account, target)).find((each) => !each.why && recordId(each) === id);
    if (!own) return;
    await client(account, Route53Client).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: own.zone,
        ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet: own.record }] },
      }),
    );
  },
  keep: async (account, target) =>
    (await recordsOfDomain(account, target)).flatMap((each) =>
      each.why ? [{ id: recordId(each), reason: each.why }] : [],
    ),
};

interface RecordOfDomain {
  readonly zone: string;
  readonly record: ResourceRecordSet;
  /** Why it is kept; empty if only the deployment uses it. */
  readonly why: string;
}

const recordId = ({ record }: RecordOfDomain) => `${record.Name} ${record.Type}`;

async function recordsOfDomain(account: Account, target: Target): Promise<RecordOfDomain[]> {
  const { zone: name, zoneId } = target;
  const zones = zoneId ? [zoneId] : name ? await hostedZoneIds(account, name) : [];
  const found: RecordOfDomain[] = [];
  for (const zone of zones) {
    const all = (await ifThere(recordsOf(account, zone))) ?? [];
    const aliases = all.filter((record) => isOwnAlias(record, target));
    const proofs = all.filter((record) => isProof(record, target));
    found.push(
      ...aliases.map((record) => ({ zone, record, why: '' })),
      ...(proofs.length > 0 ? await judged(account, target, proofs) : []).map((each) => ({ zone, ...each })),
    );
  }
  return found;
}

/** Validation records of the deployment's certificate that no other certificate needs. */
async function judged(
  account: Account,
  target: Target,
  proofs: readonly ResourceRecordSet[],
): Promise<{ record: ResourceRecordSet; why: string }[]> {
  const own = await ownProofs(account, target);
  const others = await othersProvenBy(account, hostNames(target), own.certificates);
  return proofs.map((record) => {
    const needing = others.get(provenName(record)) ?? [];
    const values = (record.ResourceRecords ?? []).map(({ Value = '' }) => plainName(Value));
    const isOwn = own.proofs.some(
      ({ name, value }) => name === plainName(record.Name ?? '') && values.includes(value),
    );
    if (needing.length > 0) return { record, why: `it also validates ${needing.join(', ')}` };
    return {
      record,
      why: isOwn ? '' : 'AWS has no record that it validated a certificate of this deployment',
    };
  });
}

async function recordsOf(account: Account, HostedZoneId: string): Promise<ResourceRecordSet[]> {
  const found: ResourceRecordSet[] = [];
  let page: ListResourceRecordSetsCommandOutput | undefined;
  do {
    page = await client(account, Route53Client).send(
      new ListResourceRecordSetsCommand({
        HostedZoneId,
        StartRecordName: page?.NextRecordName,
        StartRecordType: page?.NextRecordType,
      }),
    );
    found.push(...(page.ResourceRecordSets ?? []));
  } while (page.IsTruncated);
  return found;
}

const hostNames = ({ domain }: Target): string[] => [domain, turnName(domain)];

/** The name that a validation record is for. */
const provenName = ({ Name = '' }: ResourceRecordSet): string => plainName(Name).replace(/^_[0-9a-z]+\./, '');

/** Whether a record points one of the deployment's names to one of its load balancers. */
const isOwnAlias = ({ Name = '', AliasTarget }: ResourceRecordSet, target: Target): boolean =>
  hostNames(target).includes(plainName(Name)) &&
  new RegExp(`^(dualstack\\.)?convoke-${target.deployment}-(tls-)?[0-9a-z]+\\.`, 'i').test(
    AliasTarget?.DNSName ?? '',
  );

/** Whether a record is the validation record of one of the deployment's names, not of another name below the domain. */
const isProof = (record: ResourceRecordSet, target: Target): boolean =>
  record.Type === 'CNAME' &&
  record.Name?.startsWith('_') === true &&
  hostNames(target).includes(provenName(record)) &&
  (record.ResourceRecords ?? []).some(({ Value = '' }) => plainName(Value).endsWith('.acm-validations.aws'));

/** Records before certificates, because only an existing certificate has the list of its records. */
export const ingressKinds: readonly Kind[] = [balancers, targetGroups, records, certificates];
