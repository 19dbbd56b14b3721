import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsCli } from './aws-cli.js';

/** Ids of the resources that the scripts of the case study create. */
export interface Made {
  readonly policy: string;
  readonly key: string;
  readonly vpc: string;
  readonly gateway: string;
  readonly group: string;
  readonly subnets: readonly string[];
}

const POLICY = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['ec2:*', 'elasticloadbalancing:*', 'autoscaling:*', 'iam:*', 'acm:*', 'sns:*', 'events:*'],
      Resource: '*',
    },
  ],
};

/** A fixed wait in the scripts that delete, in seconds. */
const FIXED_WAIT = 10;

const PORTS = [
  ['tcp', '22'],
  ['tcp', '80'],
  ['tcp', '443'],
  ['tcp', '4443'],
  ['udp', '10000'],
] as const;

/**
 * The four scripts that create: user and key, network and group, load balancer, mail. With one correction for the current
 * AWS CLI, the id of the security group in the launch template; without it no machine starts, although every script exits
 * with 0.
 */
export async function setUp(aws: AwsCli, folder: string): Promise<Made> {
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(POLICY));
  await aws.run('iam', 'create-policy', '--policy-name', 'jitsi', '--policy-document', 'file://policy.json');
  await aws.run('iam', 'create-user', '--user-name', 'jitsi');
  const policy = await aws.ask("Policies[?PolicyName=='jitsi'].Arn", 'iam', 'list-policies');
  await aws.run('iam', 'attach-user-policy', '--user-name', 'jitsi', '--policy-arn', policy);
  const keys = await aws.ask(
    'AccessKey.[AccessKeyId,SecretAccessKey]',
    'iam',
    'create-access-key',
    '--user-name',
    'jitsi',
  );
  const [accessKeyId = '', secretAccessKey = ''] = keys.split(/\s+/);
  aws.credentials = { accessKeyId, secretAccessKey };
  writeFileSync(
    join(folder, 'jitsi.pem'),
    await aws.ask('KeyMaterial', 'ec2', 'create-key-pair', '--key-name', 'jitsi'),
  );

  const vpc = await aws.ask('Vpc.VpcId', 'ec2', 'create-vpc', '--cidr-block', '10.0.0.0/16');
  await aws.run('ec2', 'create-tags', '--resources', vpc, '--tags', 'Key=Name,Value=jitsi');
  const gateway = await aws.ask('InternetGateway.InternetGatewayId', 'ec2', 'create-internet-gateway');
  await aws.run('ec2', 'attach-internet-gateway', '--vpc-id', vpc, '--internet-gateway-id', gateway);
  const group = await aws.ask(
    'GroupId',
    'ec2',
    'create-security-group',
    '--group-name',
    'jitsi',
    '--description',
    'jitsi',
    '--vpc-id',
    vpc,
  );
  for (const [protocol, port] of PORTS) {
    await aws.run(
      'ec2',
      'authorize-security-group-ingress',
      '--group-id',
      group,
      '--protocol',
      protocol,
      '--port',
      port,
      '--cidr',
      '0.0.0.0/0',
    );
  }
  const subnets: string[] = [];
  for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const cidr = `10.0.${index}.0/24`;
    const subnet = await aws.ask(
      'Subnet.SubnetId',
      'ec2',
      'create-subnet',
      '--vpc-id',
      vpc,
      '--cidr-block',
      cidr,
      '--availability-zone',
      zone,
    );
    await aws.run('ec2', 'modify-subnet-attribute', '--subnet-id', subnet, '--map-public-ip-on-launch');
    subnets.push(subnet);
  }
  const table = await aws.ask(
    'RouteTables[0].RouteTableId',
    'ec2',
    'describe-route-tables',
    '--filters',
    `Name=vpc-id,Values=${vpc}`,
  );
  await aws.run(
    'ec2',
    'create-route',
    '--route-table-id',
    table,
    '--destination-cidr-block',
    '0.0.0.0/0',
    '--gateway-id',
    gateway,
  );
  const targets = await aws.ask(
    'TargetGroups[0].TargetGroupArn',
    'elbv2',
    'create-target-group',
    '--name',
    'jitsi',
    '--protocol',
    'HTTPS',
    '--port',
    '443',
    '--vpc-id',
    vpc,
  );
  const data = {
    ImageId: 'ami-0abcdef1234567890',
    InstanceType: 't2.micro',
    KeyName: 'jitsi',
    SecurityGroupIds: [group],
    UserData: Buffer.from('#!/bin/bash\napt-get update\napt-get install -y jitsi-meet\n').toString('base64'),
  };
  await aws.run(
    'ec2',
    'create-launch-template',
    '--launch-template-name',
    'jitsi',
    '--launch-template-data',
    JSON.stringify(data),
  );
  await aws.run(
    ...['autoscaling', 'create-auto-scaling-group', '--auto-scaling-group-name', 'jitsi'],
    ...[
      '--launch-template',
      'LaunchTemplateName=jitsi',
      '--min-size',
      '1',
      '--max-size',
      '1',
      '--desired-capacity',
      '1',
    ],
    ...['--vpc-zone-identifier', subnets.join(','), '--target-group-arns', targets],
  );

  await aws.run('ec2', 'describe-vpcs');
  await aws.run('ec2', 'describe-subnets');
  await aws.run('ec2', 'describe-security-groups');
  const balancer = await aws.ask(
    'LoadBalancers[0].LoadBalancerArn',
    'elbv2',
    'create-load-balancer',
    '--name',
    'jitsi',
    '--subnets',
    ...subnets,
    '--security-groups',
    group,
  );
  const certificate = await aws.ask('CertificateSummaryList[0].CertificateArn', 'acm', 'list-certificates');
  await aws.run('elbv2', 'describe-target-groups');
  await aws.run(
    ...['elbv2', 'create-listener', '--load-balancer-arn', balancer, '--protocol', 'HTTPS', '--port', '443'],
    ...[
      '--certificates',
      `CertificateArn=${certificate}`,
      '--default-actions',
      `Type=forward,TargetGroupArn=${targets}`,
    ],
  );
  await aws.run('elbv2', 'describe-load-balancers');

  const topic = await aws.ask('TopicArn', 'sns', 'create-topic', '--name', 'jitsi');
  for (const address of ['one@example.org', 'two@example.org'])
    await aws.run(
      'sns',
      'subscribe',
      '--topic-arn',
      topic,
      '--protocol',
      'email',
      '--notification-endpoint',
      address,
    );
  const pattern = { source: ['aws.ec2'], detail: { state: ['terminated'] } };
  await aws.run('events', 'put-rule', '--name', 'jitsi', '--event-pattern', JSON.stringify(pattern));
  await aws.run('events', 'put-targets', '--rule', 'jitsi', '--targets', `Id=1,Arn=${topic}`);
  return { policy, key: accessKeyId, vpc, gateway, group, subnets };
}

/** The scripts that delete. Errors of a step are ignored, as in the original scripts. */
export async function takeDown(aws: AwsCli, made: Made, owner: AwsCli['credentials']): Promise<void> {
  const go = (...args: string[]) => aws.run(...args).catch(() => '');
  const topic = await aws.ask('Topics[0].TopicArn', 'sns', 'list-topics').catch(() => '');
  const listed = await aws
    .ask('Subscriptions[].SubscriptionArn', 'sns', 'list-subscriptions')
    .catch(() => '');
  for (const subscription of listed.split(/\s+/).filter(Boolean))
    await go('sns', 'unsubscribe', '--subscription-arn', subscription);
  await go('sns', 'delete-topic', '--topic-arn', topic);
  await go('events', 'remove-targets', '--rule', 'jitsi', '--ids', '1');
  await go('events', 'delete-rule', '--name', 'jitsi');
  await go(
    'autoscaling',
    'delete-auto-scaling-group',
    '--auto-scaling-group-name',
    'jitsi',
    '--force-delete',
  );
  const balancer = await aws
    .ask('LoadBalancers[0].LoadBalancerArn', 'elbv2', 'describe-load-balancers')
    .catch(() => '');
  await go('elbv2', 'delete-load-balancer', '--load-balancer-arn', balancer);
  const targets = await aws
    .ask('TargetGroups[0].TargetGroupArn', 'elbv2', 'describe-target-groups')
    .catch(() => '');
  await go('elbv2', 'delete-target-group', '--target-group-arn', targets);
  await go('ec2', 'delete-launch-template', '--launch-template-name', 'jitsi');
  await sleep(FIXED_WAIT * 1000);
  await go('ec2', 'describe-instances');
  for (const subnet of made.subnets) await go('ec2', 'delete-subnet', '--subnet-id', subnet);
  await go('ec2', 'detach-internet-gateway', '--internet-gateway-id', made.gateway, '--vpc-id', made.vpc);
  await go('ec2', 'delete-internet-gateway', '--internet-gateway-id', made.gateway);
  await go('ec2', 'delete-security-group', '--group-id', made.group);
  await go('ec2', 'delete-vpc', '--vpc-id', made.vpc);
  await go('ec2', 'delete-key-pair', '--key-name', 'jitsi');
  // With the credentials of the user's creator, because the user no longer has rights.
  aws.credentials = owner;
  await go('iam', 'detach-user-policy', '--user-name', 'jitsi', '--policy-arn', made.policy);
  await go('iam', 'delete-policy', '--policy-arn', made.policy);
  await go('iam', 'delete-access-key', '--user-name', 'jitsi', '--access-key-id', made.key);
  await go('iam', 'delete-user', '--user-name', 'jitsi');
}
