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
import type { Account } from '../account.js';
import { deleteCertificate, taggedCertificates } from '../certificates.js';
import { client, ifThere } from '../clients.js';
import { hostedZoneIds } from '../zones.js';
import type { Kind, Target } from './kind.js';
import { prefix } from './own-name.js';

/** Names of load balancers and of their target groups. */
const names = ({ deployment }: Target) => [prefix(deployment), `${prefix(deployment)}-tls`];

/** All that is found by these names. Asked for one by one: of several, AWS answers only if all are there. */
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

/** CloudFormation leaves the record that proved the domain to the certificate authority behind. */
const records: Kind = {
  name: 'DNS records',
  find: async (account, target) => (await ownRecords(account, target)).map(recordId),
  async remove(account, id, target) {
    const own = (await ownRecords(account, target)).find((each) => recordId(each) === id);
    if (!own) return;
    await client(account, Route53Client).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: own.zone,
        ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet: own.record }] },
      }),
    );
  },
};

interface OwnRecord {
  readonly zone: string;
  readonly record: ResourceRecordSet;
}

const recordId = ({ record }: OwnRecord) => `${record.Name} ${record.Type}`;

async function ownRecords(account: Account, target: Target): Promise<OwnRecord[]> {
  const { zone: name, zoneId } = target;
  const zones = zoneId ? [zoneId] : name ? await hostedZoneIds(account, name) : [];
  const found = await Promise.all(
    zones.map(async (zone) => {
      const records = (await ifThere(recordsOf(account, zone))) ?? [];
      return records.filter((record) => isOwn(record, target)).map((record) => ({ zone, record }));
    }),
  );
  return found.flat();
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

/** The aliases to the deployment's load balancers, and the proof for its certificate; nothing else under these names. */
function isOwn(record: ResourceRecordSet, { domain, deployment }: Target): boolean {
  const own = [domain, turnName(domain)].map((name) => `${name}.`);
  if (own.includes(record.Name ?? '') && record.AliasTarget?.DNSName?.includes(`convoke-${deployment}-`))
    return true;
  // Not the proof of another name below the domain: that is of somebody else's certificate.
  const proof = own.includes(record.Name?.replace(/^_[0-9a-z]+\./, '') ?? '');
  return Boolean(
    proof &&
      record.Type === 'CNAME' &&
      record.ResourceRecords?.some((r) => /\.acm-validations\.aws\.?$/.test(r.Value ?? '')),
  );
}

export const frontDoorKinds: readonly Kind[] = [balancers, targetGroups, certificates, records];
