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
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Account } from '../account.js';
import { deleteCertificate, taggedCertificates } from '../certificates.js';
import { client, isAbsent } from '../clients.js';
import { hostedZoneId } from '../zones.js';
import type { Kind, Target } from './kind.js';

const name = ({ deployment }: Target) => `convoke-${deployment}`;

/** An empty list where AWS answers that the thing named is not there. */
async function orNone<T>(ask: Promise<T[]>): Promise<T[]> {
  try {
    return await ask;
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

const balancers: Kind = {
  name: 'load balancers',
  find: (account, target) =>
    orNone(
      client(account, ElasticLoadBalancingV2Client)
        .send(new DescribeLoadBalancersCommand({ Names: [name(target)] }))
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
    orNone(
      client(account, ElasticLoadBalancingV2Client)
        .send(new DescribeTargetGroupsCommand({ Names: [name(target)] }))
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
    if (!target.zone) return;
    const record = (await ownRecords(account, target)).find((r) => recordId(r) === id);
    if (!record) return;
    await client(account, Route53Client).send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: await hostedZoneId(account, target.zone),
        ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet: record }] },
      }),
    );
  },
};

const recordId = (record: ResourceRecordSet) => `${record.Name} ${record.Type}`;

async function ownRecords(account: Account, target: Target): Promise<ResourceRecordSet[]> {
  if (!target.zone) return [];
  let zone: string;
  try {
    zone = await hostedZoneId(account, target.zone);
  } catch {
    return [];
  }
  const found: ResourceRecordSet[] = [];
  let from:
    | { StartRecordName?: string | undefined; StartRecordType?: ResourceRecordSet['Type'] }
    | undefined = {};
  while (from) {
    const answer: {
      ResourceRecordSets?: ResourceRecordSet[];
      IsTruncated?: boolean;
      NextRecordName?: string;
      NextRecordType?: ResourceRecordSet['Type'];
    } = await client(account, Route53Client).send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...(from as object) }),
    );
    found.push(...(answer.ResourceRecordSets ?? []).filter((record) => isOwn(record, target)));
    from = answer.IsTruncated
      ? { StartRecordName: answer.NextRecordName, StartRecordType: answer.NextRecordType }
      : undefined;
  }
  return found;
}

/** The alias to the deployment's load balancer, and the proof for its certificate; nothing else under that name. */
function isOwn(record: ResourceRecordSet, { domain, deployment }: Target): boolean {
  if (record.Name === `${domain}.` && record.AliasTarget?.DNSName?.includes(`convoke-${deployment}-`))
    return true;
  const proof = /^_[0-9a-z]+\./.test(record.Name ?? '') && record.Name?.endsWith(`.${domain}.`);
  return Boolean(
    proof &&
      record.Type === 'CNAME' &&
      record.ResourceRecords?.some((r) => /\.acm-validations\.aws\.?$/.test(r.Value ?? '')),
  );
}

export const frontDoorKinds: readonly Kind[] = [balancers, targetGroups, certificates, records];
