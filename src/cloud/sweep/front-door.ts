import {
  ACMClient,
  DeleteCertificateCommand,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
} from '@aws-sdk/client-acm';
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
import { DEPLOYMENT_TAG } from '../../config/deployment.js';
import type { Account } from '../account.js';
import { client, isAbsent } from '../clients.js';
import { hostedZoneId, hostedZoneIds } from '../zones.js';
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
  async find(account, target) {
    const acm = client(account, ACMClient);
    const own: string[] = [];
    const answer = await acm.send(new ListCertificatesCommand({ MaxItems: 1000 }));
    for (const summary of answer.CertificateSummaryList ?? []) {
      if (summary.DomainName !== target.domain || !summary.CertificateArn) continue;
      const tags = await acm.send(
        new ListTagsForCertificateCommand({ CertificateArn: summary.CertificateArn }),
      );
      // A certificate that the person made for the same domain carries no such tag and stays.
      if (tags.Tags?.some((tag) => tag.Key === DEPLOYMENT_TAG && tag.Value === target.deployment)) {
        own.push(summary.CertificateArn);
      }
    }
    return own;
  },
  async remove(account, id) {
    await client(account, ACMClient).send(new DeleteCertificateCommand({ CertificateArn: id }));
  },
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
  // Where the zone is gone, or several have its name, convoke has written nothing into it.
  const [zone, ...more] = await hostedZoneIds(account, target.zone);
  if (zone === undefined || more.length > 0) return [];
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
  // Not the proof of a name below the domain: that is of somebody else's certificate.
  const proof = record.Name?.replace(/^_[0-9a-z]+\./, '') === `${domain}.`;
  return Boolean(
    proof &&
      record.Type === 'CNAME' &&
      record.ResourceRecords?.some((r) => /\.acm-validations\.aws\.?$/.test(r.Value ?? '')),
  );
}

export const frontDoorKinds: readonly Kind[] = [balancers, targetGroups, certificates, records];
