import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeKeyPairsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListPoliciesCommand, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';

/** Configuration of SDK clients for the account. */
export interface Access {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** All resources in an account that the scripts or convoke may have created, a line each: kind and name. */
export async function inventory(access: Access): Promise<string[]> {
  const ec2 = new EC2Client(access);
  const balancing = new ElasticLoadBalancingV2Client(access);
  const iam = new IAMClient(access);
  const kinds: readonly (readonly [string, Promise<(string | undefined)[]>])[] = [
    [
      'machine',
      ec2
        .send(new DescribeInstancesCommand({}))
        .then((a) => (a.Reservations ?? []).flatMap((r) => r.Instances ?? []))
        .then((all) => all.filter((i) => i.State?.Name !== 'terminated').map((i) => i.InstanceId)),
    ],
    ['VPC', ec2.send(new DescribeVpcsCommand({})).then((a) => a.Vpcs?.map((v) => v.VpcId) ?? [])],
    [
      'internet gateway',
      ec2
        .send(new DescribeInternetGatewaysCommand({}))
        .then((a) => a.InternetGateways?.map((g) => g.InternetGatewayId) ?? []),
    ],
    [
      'security group',
      ec2
        .send(new DescribeSecurityGroupsCommand({}))
        .then((a) => a.SecurityGroups?.map((g) => g.GroupId) ?? []),
    ],
    [
      'launch template',
      ec2
        .send(new DescribeLaunchTemplatesCommand({}))
        .then((a) => a.LaunchTemplates?.map((t) => t.LaunchTemplateName) ?? []),
    ],
    [
      'key pair',
      ec2.send(new DescribeKeyPairsCommand({})).then((a) => a.KeyPairs?.map((k) => k.KeyName) ?? []),
    ],
    [
      'Auto Scaling group',
      new AutoScalingClient(access)
        .send(new DescribeAutoScalingGroupsCommand({}))
        .then((a) => a.AutoScalingGroups?.map((g) => g.AutoScalingGroupName) ?? []),
    ],
    [
      'load balancer',
      balancing
        .send(new DescribeLoadBalancersCommand({}))
        .then((a) => a.LoadBalancers?.map((b) => b.LoadBalancerName) ?? []),
    ],
    [
      'target group',
      balancing
        .send(new DescribeTargetGroupsCommand({}))
        .then((a) => a.TargetGroups?.map((g) => g.TargetGroupName) ?? []),
    ],
    [
      'certificate',
      new ACMClient(access)
        .send(new ListCertificatesCommand({}))
        .then((a) => a.CertificateSummaryList?.map((c) => c.DomainName) ?? []),
    ],
    [
      'topic',
      new SNSClient(access)
        .send(new ListTopicsCommand({}))
        .then((a) => a.Topics?.map((t) => t.TopicArn) ?? []),
    ],
    [
      'event rule',
      new EventBridgeClient(access)
        .send(new ListRulesCommand({}))
        .then((a) => a.Rules?.map((r) => r.Name) ?? []),
    ],
    ['user', iam.send(new ListUsersCommand({})).then((a) => a.Users?.map((u) => u.UserName) ?? [])],
    ['role', iam.send(new ListRolesCommand({})).then((a) => a.Roles?.map((r) => r.RoleName) ?? [])],
    [
      'policy',
      iam
        .send(new ListPoliciesCommand({ Scope: 'Local' }))
        .then((a) => a.Policies?.map((p) => p.PolicyName) ?? []),
    ],
    [
      'bucket',
      new S3Client({ ...access, forcePathStyle: true })
        .send(new ListBucketsCommand({}))
        .then((a) => a.Buckets?.map((b) => b.Name) ?? []),
    ],
    [
      'secret',
      new SecretsManagerClient(access)
        .send(new ListSecretsCommand({}))
        .then((a) => a.SecretList?.map((s) => s.Name) ?? []),
    ],
    [
      'stack',
      new CloudFormationClient(access)
        .send(new DescribeStacksCommand({}))
        .then(
          (a) => a.Stacks?.filter((s) => s.StackStatus !== 'DELETE_COMPLETE').map((s) => s.StackName) ?? [],
        ),
    ],
    ['DNS record', records(access)],
  ];
  const found = await Promise.all(
    kinds.map(async ([kind, names]) => (await names).map((name) => `${kind} ${name ?? '?'}`)),
  );
  return found.flat();
}

async function records(access: Access): Promise<string[]> {
  const route53 = new Route53Client(access);
  const { HostedZones = [] } = await route53.send(new ListHostedZonesCommand({}));
  const sets = await Promise.all(
    HostedZones.map(({ Id }) => route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }))),
  );
  return sets
    .flatMap(({ ResourceRecordSets = [] }) => ResourceRecordSets)
    .filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    .map(({ Name, Type }) => `${Name} ${Type}`);
}
