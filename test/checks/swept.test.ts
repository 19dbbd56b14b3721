import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KINDS } from '../../src/cloud/sweep/sweep.js';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesize.js';

/** What becomes of each type of resource: the kind by which a sweep finds it, or what it cannot outlive. */
const SWEPT: Readonly<Record<string, { kind: string } | { goesWith: string }>> = {
  'AWS::AutoScaling::AutoScalingGroup': { kind: 'Auto Scaling groups' },
  'AWS::AutoScaling::LifecycleHook': { goesWith: 'AWS::AutoScaling::AutoScalingGroup' },
  'AWS::AutoScaling::ScalingPolicy': { goesWith: 'AWS::AutoScaling::AutoScalingGroup' },
  'AWS::AutoScaling::ScheduledAction': { goesWith: 'AWS::AutoScaling::AutoScalingGroup' },
  'AWS::Budgets::Budget': { kind: 'budgets' },
  'AWS::CertificateManager::Certificate': { kind: 'certificates' },
  'AWS::CloudWatch::Alarm': { kind: 'alarms' },
  'AWS::EC2::InternetGateway': { kind: 'internet gateways' },
  'AWS::EC2::LaunchTemplate': { kind: 'launch templates' },
  'AWS::EC2::Route': { goesWith: 'AWS::EC2::RouteTable' },
  'AWS::EC2::RouteTable': { kind: 'route tables' },
  'AWS::EC2::SecurityGroup': { kind: 'security groups' },
  'AWS::EC2::SecurityGroupEgress': { goesWith: 'AWS::EC2::SecurityGroup' },
  'AWS::EC2::SecurityGroupIngress': { goesWith: 'AWS::EC2::SecurityGroup' },
  'AWS::EC2::Subnet': { kind: 'subnets' },
  'AWS::EC2::SubnetRouteTableAssociation': { goesWith: 'AWS::EC2::Subnet' },
  'AWS::EC2::VPC': { kind: 'VPCs' },
  'AWS::EC2::VPCGatewayAttachment': { goesWith: 'AWS::EC2::InternetGateway' },
  'AWS::ElasticLoadBalancingV2::Listener': { goesWith: 'AWS::ElasticLoadBalancingV2::LoadBalancer' },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { kind: 'load balancers' },
  'AWS::ElasticLoadBalancingV2::TargetGroup': { kind: 'target groups' },
  'AWS::Events::Rule': { kind: 'event rules' },
  'AWS::IAM::InstanceProfile': { kind: 'instance profiles' },
  'AWS::IAM::Policy': { goesWith: 'AWS::IAM::Role' },
  'AWS::IAM::Role': { kind: 'roles' },
  'AWS::Route53::RecordSet': { kind: 'DNS records' },
  'AWS::S3::Bucket': { kind: 'buckets' },
  'AWS::S3::BucketPolicy': { goesWith: 'AWS::S3::Bucket' },
  'AWS::SNS::Subscription': { goesWith: 'AWS::SNS::Topic' },
  'AWS::SNS::Topic': { kind: 'mail topics' },
  'AWS::SNS::TopicPolicy': { goesWith: 'AWS::SNS::Topic' },
  'AWS::SSM::Parameter': { kind: 'parameters' },
  'AWS::SecretsManager::Secret': { kind: 'secrets' },
};

it('looks for every type of thing that a template can make', () => {
  const made = readdirSync('examples')
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => {
      const { bootstrap, deployment } = templates(loadDeployment(join('examples', name)));
      return [...Object.values(bootstrap.Resources), ...Object.values(deployment.Resources)];
    });
  expect([...new Set(made.map(({ Type }) => Type))].sort()).toEqual(Object.keys(SWEPT).sort());
  const kinds = KINDS.map(({ name }) => name);
  for (const fate of Object.values(SWEPT)) {
    if ('kind' in fate) expect(kinds).toContain(fate.kind);
    else expect(SWEPT[fate.goesWith]).toHaveProperty('kind');
  }
});
