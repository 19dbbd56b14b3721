import { App, Aspects } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Deployment } from '../config/deployment.js';
import { DeploymentStack } from './deployment-stack.js';
import { ToolkitStack } from './toolkit-stack.js';

const solo: Deployment = {
  name: 'meet',
  domain: 'meet.example.org',
  region: 'eu-central-1',
  alerts: 'ops@example.org',
  size: 'solo',
  cells: 1,
  dns: { kind: 'route53', zone: 'example.org' },
  machines: { architecture: 'arm64', cell: 't4g.medium' },
  packages: { kind: 'official' },
};

describe('the stack of a solo deployment', () => {
  let template: Template;
  beforeAll(() => {
    template = Template.fromStack(new DeploymentStack(new App(), solo));
  });

  it('keeps exactly one machine, over two zones', () => {
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '1',
      MaxSize: '1',
      VPCZoneIdentifier: [Match.anyValue(), Match.anyValue()],
    });
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 1);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
  });

  it('launches Debian 13 with IMDSv2 only and an encrypted disk', () => {
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
      },
    });
    const [parameter] = Object.values(
      template.findParameters('*', { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>' }),
    );
    expect(parameter?.Default).toBe('/aws/service/debian/release/13/latest/arm64');
  });

  it('opens UDP 10000 to everybody and nothing else but the load balancer to machines', () => {
    const open = Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
      (group) => group.Properties.SecurityGroupIngress ?? [],
    );
    const toEverybody = open.filter((rule: { CidrIp?: string }) => rule.CidrIp === '0.0.0.0/0');
    expect(
      toEverybody
        .map((r: { IpProtocol: string; FromPort: number }) => `${r.IpProtocol} ${r.FromPort}`)
        .sort(),
    ).toEqual(['tcp 443', 'tcp 80', 'udp 10000']);
  });

  it('tells about the launches and ends of its own group only, and lets only its own rules publish', () => {
    const rules = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rules).toHaveLength(2 * 3);
    for (const rule of rules) {
      expect(rule.Properties.EventPattern.detail.AutoScalingGroupName).toEqual(['convoke-meet-cell-a']);
    }
    const statements = Object.values(template.findResources('AWS::SNS::TopicPolicy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement,
    );
    for (const statement of statements.filter((s: { Effect: string }) => s.Effect === 'Allow')) {
      expect(Object.keys(statement.Condition.ArnEquals)).toEqual(['aws:SourceArn']);
    }
  });

  it('gives machines no right beyond their files, their secret, their figures and their own health', () => {
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement,
    );
    expect(statements.flatMap((s: { Action: string | string[] }) => s.Action).sort()).toEqual([
      'autoscaling:SetInstanceHealth',
      'cloudwatch:PutMetricData',
      's3:GetObject',
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
    ]);
  });

  it('puts no secret in the template and stays under 16 KB of user data', () => {
    const [launch] = Object.values(template.findResources('AWS::EC2::LaunchTemplate'));
    const userData = JSON.stringify(launch?.Properties.LaunchTemplateData.UserData);
    expect(userData.length).toBeLessThan(16 * 1024);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/"SecretString"/);
  });
});

describe('cdk-nag', () => {
  /** Rules of the AWS Solutions pack that do not fit, each with the reason. */
  const SUPPRESSED: Record<string, string> = {
    'AwsSolutions-VPC7':
      'Flow logs cost per GB of media and are for the person to want; a meeting’s media would be most of it.',
    'AwsSolutions-EC23':
      'A meeting page and its media are for everybody: ports 80, 443 and UDP 10000 are the product.',
    'AwsSolutions-ELB2':
      'Access logs would hold room names and addresses of participants; they are not kept by default.',
    'AwsSolutions-SMG4':
      'Passwords are derived from the seed at launch; rotating it under running machines would cut them off from each other.',
    'AwsSolutions-AS3':
      'Launches and ends are told by EventBridge rules with sentences, not by Auto Scaling’s bare notifications.',
    'AwsSolutions-IAM5':
      'Each wildcard stands where AWS takes no resource, or for the random part of a name with the deployment’s prefix.',
    'AwsSolutions-S1':
      'The bucket holds the node bundle and packages only, read by the deployment’s own machines; logs of that tell nothing.',
  };

  const used = new Set<string>();

  it.each([
    ['deployment', () => new DeploymentStack(new App(), solo)],
    ['toolkit', () => new ToolkitStack(new App(), { deployment: 'meet', region: 'eu-central-1' })],
  ])('finds nothing unexplained in the %s', (_name, make) => {
    const stack = make();
    Aspects.of(stack).add(new AwsSolutionsChecks({ verbose: true }));
    const findings = [
      ...Annotations.fromStack(stack).findError('*', Match.stringLikeRegexp('AwsSolutions-.*')),
      ...Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('AwsSolutions-.*')),
    ].map(({ id, entry }) => `${id}: ${String(entry.data)}`);
    const unexplained = findings.filter(
      (finding) =>
        !Object.keys(SUPPRESSED).some((rule) => finding.includes(`${rule}[`) || finding.includes(`${rule}:`)),
    );
    expect(unexplained).toEqual([]);
    for (const rule of Object.keys(SUPPRESSED)) if (findings.some((f) => f.includes(rule))) used.add(rule);
  });

  it('needs every suppression', () => {
    expect([...used].sort()).toEqual(Object.keys(SUPPRESSED).sort());
  });
});
