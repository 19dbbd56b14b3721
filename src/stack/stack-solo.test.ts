import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import { fleet, solo } from '../../test/sample-deployments.js';
import { machinePolicies } from '../../test/stack-template.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

temporaryOutput();

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

  it('gives machines as much time to serve as "up" waits for them', () => {
    template.allResourcesProperties('AWS::AutoScaling::AutoScalingGroup', {
      HealthCheckGracePeriod: 15 * 60,
    });
  });

  it('has no parameters that CloudFormation has to look up, except the image', () => {
    const types = Object.entries(template.findParameters('*')).map(([name, { Type }]) => [name, Type]);
    expect(types.filter(([, type]) => type !== 'String').map(([, type]) => type)).toEqual([
      'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
    ]);
  });

  it('admits UDP 10000 from everywhere, and otherwise only the load balancer', () => {
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

  /** The alternatives of the rule that passes events to the function. */
  const passed = () => {
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    return rule?.Properties.EventPattern.$or as { source: string[]; detail: Record<string, unknown> }[];
  };

  it('passes events of its own group, alarms and certificate to the function, and the mail check for itself only', () => {
    const of = (source: string) => passed().find((one) => one.source[0] === source);
    expect(passed()).toHaveLength(4);
    expect(of('aws.autoscaling')?.detail).toEqual({ AutoScalingGroupName: ['convoke-meet-shard-a'] });
    expect(of('convoke.check')?.detail).toEqual({ deployment: ['meet'] });
    const alarms = (of('aws.cloudwatch')?.detail.alarmName ?? []) as string[];
    expect(alarms).not.toEqual([]);
    for (const name of alarms) expect(name).toMatch(/^convoke-meet-alert-/);
    // EventBridge takes no longer patterns (quotas of the EventBridge guide).
    const longest = Template.fromStack(
      new DeploymentStack(new App(), { ...fleet, name: 'abcdefghijklmnopqrst', shards: 8 }),
    );
    const [rule] = Object.values(longest.findResources('AWS::Events::Rule'));
    expect(JSON.stringify(rule?.Properties.EventPattern).length).toBeLessThan(2048);
  });

  it('lets only its rule invoke the function, and only alarms of the account publish besides', () => {
    template.allResourcesProperties('AWS::Lambda::Permission', {
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('AlertsRule'), 'Arn'] },
    });
    const statements = Object.values(template.findResources('AWS::SNS::TopicPolicy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement,
    );
    expect(statements.filter((s: { Effect: string }) => s.Effect === 'Allow')).toEqual([
      expect.objectContaining({
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    ]);
  });

  it('gives the function rights on its own log, events and topic, and none to change anything else', () => {
    const [, policy] = [...machinePolicies(template)].find(([role]) => role.includes('Alerts')) ?? [];
    const rights = (policy?.Statement ?? []).map(({ Action, Resource }) => [Action, Resource]);
    expect(rights.filter(([, resources]) => resources?.includes('*'))).toEqual([
      [['autoscaling:DescribeScalingActivities', 'elasticloadbalancing:DescribeTargetHealth'], ['*']],
    ]);
    expect([...new Set(rights.flatMap(([actions]) => actions))].sort()).toEqual([
      'autoscaling:DescribeScalingActivities',
      'elasticloadbalancing:DescribeTargetHealth',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sns:Publish',
      'ssm:GetParameterHistory',
      'ssm:PutParameter',
    ]);
  });

  it('keeps addresses of webhooks out of the template, in a secret that only the function reads', () => {
    const alerts = { emails: ['ops@example.org'], webhooks: ['https://hooks.example.org/secret-part'] };
    const withWebhooks = Template.fromStack(new DeploymentStack(new App(), { ...solo, alerts }));
    expect(JSON.stringify(withWebhooks.toJSON())).not.toContain('secret-part');
    withWebhooks.hasParameter('Webhooks', { NoEcho: true });
    const readers = [...machinePolicies(withWebhooks)]
      .filter(([, policy]) => JSON.stringify(policy).includes('WebhooksSecret'))
      .map(([role]) => role.replace(/[0-9A-F]{8}$/, ''));
    expect(readers).toEqual(['JitsiAlertsRole']);
  });

  it('is in the given availability zones', () => {
    const zones = Object.values(template.findResources('AWS::EC2::Subnet')).map(
      ({ Properties }) => Properties.AvailabilityZone['Fn::If'][1],
    );
    expect(zones).toEqual([{ Ref: 'FirstAvailabilityZone' }, { Ref: 'SecondAvailabilityZone' }]);
  });

  it('gives machines permissions only for their files, secrets, metrics and health', () => {
    const ofMachines = [...machinePolicies(template)].filter(([role]) => !role.includes('Alerts'));
    const actions = ofMachines.flatMap(([, { Statement }]) => Statement.flatMap(({ Action }) => Action));
    expect([...new Set(actions)].sort()).toEqual([
      'autoscaling:CompleteLifecycleAction',
      'autoscaling:SetInstanceHealth',
      'cloudwatch:PutMetricData',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
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
