import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Aspects } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allows } from '../../test/iam.js';
import { SCALING } from '../capacity/scaling.js';
import { ownNames } from '../cloud/sweep/own-names.js';
import type { Deployment } from '../config/deployment.js';
import { MeetingSettings } from '../contract/meetings.js';
import { PORTS, REACHED_BY } from '../contract/ports.js';
import type { PolicyDocument } from '../operations/policy/document.js';
import { BootstrapStack } from './bootstrap-stack.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const solo: Deployment = {
  name: 'meet',
  domain: 'meet.example.org',
  region: 'eu-central-1',
  alerts: { emails: ['ops@example.org'], webhooks: [] },
  language: 'en',
  diagnostics: 'redacted',
  size: 'solo',
  shards: 1,
  dns: { kind: 'route53', zone: 'example.org' },
  machines: { architecture: 'arm64', shard: 't4g.medium' },
  packages: { kind: 'official' },
  access: 'open',
  meetings: MeetingSettings.parse({}),
  turn: false,
};

const team: Deployment = {
  ...solo,
  size: 'team',
  shards: 2,
  turn: true,
  bridges: { min: 2, max: 6, types: ['c7g.large'], spot: 0, schedule: [], timezone: 'UTC' },
};

const fleet: Deployment = {
  ...team,
  size: 'fleet',
  shards: 3,
  bridges: {
    min: 3,
    max: 20,
    types: ['c7g.xlarge', 'c6g.xlarge'],
    spot: 60,
    schedule: [{ days: 'MON-FRI', from: '08:30', until: '17:00', min: 8 }],
    timezone: 'Europe/Berlin',
  },
};

const folder = mkdtempSync(join(tmpdir(), 'convoke-stack-'));
beforeAll(() => {
  vi.stubEnv('CDK_OUTDIR', join(folder, 'assembly'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('passes access and appearance of meetings to shards only', () => {
  const path = join(folder, 'logo.svg');
  writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const meetings = { ...MeetingSettings.parse({ title: 'Town Hall' }), logo: { path, type: 'svg' } } as const;
  const stack = new DeploymentStack(new App(), { ...team, access: 'members', meetings });
  const templates = Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate');
  const launched = Object.values(templates).map((resource) => JSON.stringify(resource));
  const withMeetings = launched.filter((text) => text.includes('members') && text.includes('Town Hall'));
  expect([launched.length, withMeetings.length]).toEqual([3, 2]);
  for (const text of withMeetings) expect(text).toMatch(/logo.*type\W+svg/);
});

describe('names that are not CloudFormation’s', () => {
  /** Kinds that a sweep knows by their names, and the property that has it. */
  const NAMED: Readonly<Record<string, string>> = {
    'AWS::SNS::Topic': 'TopicName',
    'AWS::SecretsManager::Secret': 'Name',
    'AWS::IAM::Role': 'RoleName',
    'AWS::IAM::InstanceProfile': 'InstanceProfileName',
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::Events::Rule': 'Name',
    'AWS::Lambda::Function': 'FunctionName',
    'AWS::Logs::LogGroup': 'LogGroupName',
  };

  it('are attributed by the sweep to this deployment, not to one with a longer name', () => {
    const app = new App();
    const stacks = [
      new DeploymentStack(app, { ...fleet, access: 'members', budget: { monthly: 5 } }),
      new BootstrapStack(app, { deployment: fleet.name, region: fleet.region }),
    ];
    const names = stacks
      .flatMap((stack) => Object.values(Template.fromStack(stack).toJSON().Resources))
      .map((resource) => resource as { Type: string; Properties?: Record<string, unknown> })
      .map(({ Type, Properties }) => Properties?.[NAMED[Type] ?? ''])
      .filter((name) => name !== undefined)
      .map((name) => plain(name, fleet.region));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(ownNames('meet', fleet.region)).toContain(name);
      for (const other of ['meet-two', 'meet-seed', 'meet-bridges', 'meet-deploy'])
        expect(ownNames('meet', fleet.region)).not.toContain(
          name.replace('convoke-meet-', `convoke-${other}-`),
        );
    }
  });
});

/** A name of a template whose only unknown is the region. */
const plain = (name: unknown, region: string): string =>
  typeof name === 'string'
    ? name
    : (name as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
        .map((part) => (typeof part === 'string' ? part : region))
        .join('');

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

/** The sentences under which security groups let each other in, less the parts that are the same for all. */
function letIn(template: Template): string[] {
  return Object.entries(template.findResources('AWS::EC2::SecurityGroupIngress'))
    .map(([id, { Properties }]) => `${id.replace(/^Jitsi|SecurityGroup.*/g, '')} ${Properties.FromPort}`)
    .sort();
}

/** Statements of the roles that machines have, by the role's logical id; references become text. */
function machinePolicies(template: Template): Map<string, PolicyDocument> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const policies = new Map<string, PolicyDocument>();
  for (const { Properties } of Object.values(template.findResources('AWS::IAM::Policy'))) {
    const statements = Properties.PolicyDocument.Statement.map((statement: { Resource: unknown }) => ({
      ...statement,
      Resource: [statement.Resource].flat().map(text),
    }));
    for (const { Ref } of Properties.Roles) {
      const before = policies.get(Ref)?.Statement ?? [];
      policies.set(Ref, { Version: '2012-10-17', Statement: [...before, ...statements] });
    }
  }
  return policies;
}

describe('the stack of a team', () => {
  let template: Template;
  beforeAll(() => {
    template = Template.fromStack(new DeploymentStack(new App(), team));
  });

  it('lets bridges read the secret of their own account and no other, and shards both', () => {
    const secrets = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    const readable = [...machinePolicies(template)].map(([role, policy]) => [
      role.replace(/Role.*/, ''),
      secrets
        .filter((secret) =>
          allows([policy], {
            action: 'secretsmanager:GetSecretValue',
            resource: JSON.stringify({ Ref: secret }),
            context: {},
          }),
        )
        .map((secret) => secret.replace(/[0-9A-F]{8}$/, ''))
        .sort(),
    ]);
    expect(Object.fromEntries(readable)).toEqual({
      JitsiAlerts: [],
      JitsiBridges: ['JitsiBridgeSeed'],
      JitsiShardA: ['JitsiBridgeSeed', 'JitsiSeed'],
      JitsiShardB: ['JitsiBridgeSeed', 'JitsiSeed'],
    });
  });

  it('names no other secret to bridges', () => {
    const launched = Object.entries(template.findResources('AWS::EC2::LaunchTemplate'));
    const [, bridges] = launched.find(([id]) => id.startsWith('JitsiBridges')) ?? [];
    expect(JSON.stringify(bridges)).toContain('JitsiBridgeSeed');
    expect(JSON.stringify(bridges)).not.toContain('JitsiSeed');
  });

  it('keeps two shards of one machine each, and a group of bridges', () => {
    const sizes = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup')).map(
      ({ Properties }) => `${Properties.AutoScalingGroupName} ${Properties.MinSize}..${Properties.MaxSize}`,
    );
    expect(sizes.sort()).toEqual([
      'convoke-meet-bridges 2..6',
      'convoke-meet-shard-a 1..1',
      'convoke-meet-shard-b 1..1',
    ]);
  });

  it('has its shards in different availability zones', () => {
    const zones = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup')).map(
      ({ Properties }) => [Properties.AutoScalingGroupName, Properties.VPCZoneIdentifier],
    );
    const {
      'convoke-meet-shard-a': a,
      'convoke-meet-shard-b': b,
      'convoke-meet-bridges': bridges,
    } = Object.fromEntries(zones);
    expect([a, b]).toEqual([[expect.anything()], [expect.anything()]]);
    expect(bridges).toEqual([...a, ...b]);
  });

  it('admits media to bridges only, and to each port of a shard only the senders in the list of ports', () => {
    const open = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, group]) =>
      (group.Properties.SecurityGroupIngress ?? []).map(
        (rule: { IpProtocol: string; FromPort: number }) =>
          `${id.replace(/^Jitsi|SecurityGroup.*/g, '')} ${rule.IpProtocol} ${rule.FromPort}`,
      ),
    );
    expect(open.sort()).toEqual([
      'Bridges udp 10000',
      'IngressBalancer tcp 443',
      'IngressBalancer tcp 80',
      'Turn tcp 443',
    ]);
    const from: Record<string, string> = {
      IngressBalancer: 'load balancer',
      Turn: 'load balancer',
      Bridges: 'bridges',
      Shards: 'shards',
    };
    const called = (reference: { 'Fn::GetAtt': [string] }) =>
      reference['Fn::GetAtt'][0].replace(/^Jitsi|SecurityGroup.*/g, '');
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(
      ({ Properties: { GroupId, IpProtocol, FromPort, ToPort, SourceSecurityGroupId } }) =>
        `${called(GroupId)} ${IpProtocol} ${FromPort}-${ToPort} from ${from[called(SourceSecurityGroupId)]}`,
    );
    expect(rules.sort()).toEqual(
      Object.entries(REACHED_BY)
        .filter(([, { from }]) => !['nobody', 'everywhere'].includes(from))
        .map(([name, { protocol, from }]) => {
          const port = PORTS[name as keyof typeof PORTS];
          return `Shards ${protocol} ${port}-${port} from ${from}`;
        })
        .sort(),
    );
  });

  it('has TURN over TLS at its own name, which the certificate covers', () => {
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'meet.example.org',
      SubjectAlternativeNames: ['turn.meet.example.org'],
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Type: 'network',
      Name: 'convoke-meet-tls',
      SecurityGroups: [Match.anyValue()],
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }]),
    });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 443, Protocol: 'TLS' });
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Port: 3478,
      Protocol: 'TCP',
      HealthCheckProtocol: 'TCP',
    });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'turn.meet.example.org.' });
    const balanced = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup')).map(
      ({ Properties }) => (Properties.TargetGroupARNs ?? []).length,
    );
    expect(balanced.sort()).toEqual([0, 2, 2]);
  });

  it('has load balancers with IPv4 addresses only, as the guide says', () => {
    const balancers = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
    expect(balancers.map(({ Properties }) => Properties.IpAddressType ?? 'ipv4')).toEqual(['ipv4', 'ipv4']);
  });

  it('lets the TURN load balancer send to shards only', () => {
    const leaving = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).filter(
      ({ Properties }) => JSON.stringify(Properties.GroupId).includes('Turn'),
    );
    expect(leaving.map(({ Properties }) => Properties.FromPort)).toEqual([3478]);
    const [group] = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).filter(([id]) =>
      id.includes('Turn'),
    );
    expect(JSON.stringify(group)).not.toContain('"0.0.0.0/0","Description":"Allow all');
  });

  it('has no TURN with "turn: off"', () => {
    const without = Template.fromStack(new DeploymentStack(new App(), { ...team, turn: false }));
    without.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    without.hasResourceProperties('AWS::CertificateManager::Certificate', {
      SubjectAlternativeNames: Match.absent(),
    });
    expect(letIn(without).filter((rule) => / 34/.test(rule))).toEqual([]);
  });

  it('terminates machines only after they are drained', () => {
    const hooks = template.findResources('AWS::AutoScaling::LifecycleHook', {
      Properties: { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE' },
    });
    expect(Object.keys(hooks)).toHaveLength(3);
  });

  it('counts a machine as in service only once it serves, and terminates one that never does', () => {
    const hooks = template.findResources('AWS::AutoScaling::LifecycleHook', {
      Properties: { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'ABANDON' },
    });
    expect(Object.keys(hooks)).toHaveLength(3);
  });

  it('holds groups at the version that they launched before, with its files, and new groups at none', () => {
    const from = { 'convoke-meet-shard-a': '3', 'convoke-meet-bridges': '4' };
    const key = `${'a'.repeat(64)}.mjs`;
    const held = Template.fromStack(
      new DeploymentStack(new App(), team, undefined, {
        roll: { state: 'rolling', from },
        files: { 'convoke-meet-shard-a': [key] },
      }),
    );
    const version = (name: string) =>
      Object.values(
        held.findResources('AWS::AutoScaling::AutoScalingGroup', {
          Properties: { AutoScalingGroupName: name },
        }),
      )[0]?.Properties.LaunchTemplate.Version;
    expect(version('convoke-meet-shard-a')).toBe('3');
    expect(version('convoke-meet-bridges')).toBe('4');
    expect(version('convoke-meet-shard-b')).toHaveProperty('Fn::GetAtt');
    const reads = Object.values(held.findResources('AWS::IAM::Policy')).filter((policy) =>
      JSON.stringify(policy).includes(key),
    );
    expect(reads).toHaveLength(1);
    expect(JSON.parse(held.findOutputs('Roll').Roll?.Value)).toEqual({ state: 'rolling', from });
  });

  it('adds bridges by average and maximum stress, more at higher stress', () => {
    for (const [statistic, threshold] of [
      ['Average', SCALING.out.average],
      ['Maximum', SCALING.out.maximum],
    ]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Statistic: statistic,
        Threshold: threshold,
        Period: 10,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        TreatMissingData: 'notBreaching',
      });
    }
    template.hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      PolicyType: 'StepScaling',
      StepAdjustments: SCALING.out.steps.map(({ add }) => Match.objectLike({ ScalingAdjustment: add })),
    });
  });

  it('removes one bridge at a time, and none while one does not report', () => {
    template.hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      PolicyType: 'SimpleScaling',
      ScalingAdjustment: -1,
      Cooldown: '300',
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 10,
      TreatMissingData: 'notBreaching',
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'IF(reports >= machines * 5, stress, 1)' })]),
    });
  });

  it('has CloudWatch publish alarms about alerts themselves, and leaves the others to the function', () => {
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    );
    const published = alarms.filter(
      ({ AlarmName, AlarmActions }) => /-alert-/.test(AlarmName) && AlarmActions,
    );
    expect(published.map(({ AlarmName, MetricName }) => [AlarmName, MetricName]).sort()).toEqual([
      ['convoke-meet-alert-failing', 'Errors'],
      ['convoke-meet-alert-not-invoked', 'FailedInvocations'],
      ['convoke-meet-alert-undelivered', 'NumberOfNotificationsFailed'],
    ]);
  });

  it.each(['disk', 'memory'])('reports by the worst machine that one is short of %s', (what) => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `convoke-meet-alert-${what}`,
      Dimensions: [{ Name: 'Deployment', Value: 'meet' }],
      Statistic: 'Minimum',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'ignore',
    });
  });

  it('reports that its bridges are full by stress at the maximum number of bridges', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'convoke-meet-alert-bridges-full',
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'IF(machines >= 6, stress, 0)' })]),
      AlarmActions: Match.absent(),
    });
  });
});

describe('the stack of a fleet', () => {
  it('mixes machines and keeps a schedule', () => {
    const template = Template.fromStack(new DeploymentStack(new App(), fleet));
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      CapacityRebalance: true,
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 40 },
        LaunchTemplate: {
          Overrides: [{ InstanceType: 'c7g.xlarge' }, { InstanceType: 'c6g.xlarge' }],
        },
      },
    });
    template.hasResourceProperties('AWS::AutoScaling::ScheduledAction', {
      MinSize: 8,
      Recurrence: '30 8 * * MON,TUE,WED,THU,FRI',
      TimeZone: 'Europe/Berlin',
    });
    const inUtc = Template.fromStack(
      new DeploymentStack(new App(), { ...fleet, bridges: { ...fleet.bridges, timezone: 'UTC' } as never }),
    );
    inUtc.allResourcesProperties('AWS::AutoScaling::ScheduledAction', { TimeZone: Match.absent() });
    template.resourceCountIs('AWS::AutoScaling::ScheduledAction', 2);
  });
});

describe('the stack with the maximum number of shards', () => {
  it('has as many rules as that of two: shards admit each other by their common security group', () => {
    const rulesOf = (shards: number) => {
      const template = Template.fromStack(new DeploymentStack(new App(), { ...fleet, shards }));
      const counted = [
        'AWS::EC2::SecurityGroup',
        'AWS::EC2::SecurityGroupIngress',
        'AWS::EC2::SecurityGroupEgress',
      ];
      return {
        rules: counted.map((type) => Object.keys(template.findResources(type)).length),
        resources: Object.keys(template.toJSON().Resources).length,
      };
    };
    const [two, eight] = [rulesOf(2), rulesOf(8)];
    expect(eight.rules).toEqual(two.rules);
    // CloudFormation takes 500.
    expect(eight.resources).toBeLessThan(150);
  });
});

describe('the certificate', () => {
  const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/1';
  it.each([
    ['made for the stack', solo, 'Ref', true],
    ['proven by hand', { ...solo, dns: { kind: 'manual' } } as const, 'Ref', false],
    ['an existing one', { ...solo, certificate: ARN }, ARN, false],
  ])('%s is watched, and the function knows whose it is', (_, deployment, whose, own) => {
    const template = Template.fromStack(new DeploymentStack(new App(), deployment));
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    const watched = rule?.Properties.EventPattern.$or.find(
      ({ source }: { source: string[] }) => source[0] === 'aws.acm',
    );
    expect(JSON.stringify(watched.resources)).toContain(whose);
    const [mailer] = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(JSON.stringify(mailer?.Properties.Environment)).toContain(`\\"ownCertificate\\":${own}`);
  });

  it('that manual records validate exists before the stack, which gets its ARN', () => {
    const template = Template.fromStack(new DeploymentStack(new App(), { ...solo, dns: { kind: 'manual' } }));
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Certificates: [{ CertificateArn: { Ref: 'CertificateArn' } }],
    });
  });
});

describe('ssh', () => {
  const opened = { ...team, ssh: { key: 'ada', from: [{ name: 'office', range: '203.0.113.0/24' }] } };
  const doors = (deployment: Deployment) =>
    Object.values(
      Template.fromStack(new DeploymentStack(new App(), deployment)).findResources('AWS::EC2::SecurityGroup'),
    )
      .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? [])
      .filter(({ FromPort }: { FromPort: number }) => FromPort === 22);

  it('is open on every machine to the configured ranges, and closed otherwise', () => {
    expect(doors(team)).toEqual([]);
    expect(doors(opened)).toEqual(
      Array(2).fill(expect.objectContaining({ CidrIp: '203.0.113.0/24', Description: 'SSH from office' })),
    );
    Template.fromStack(new DeploymentStack(new App(), opened)).allResourcesProperties(
      'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: Match.objectLike({ KeyName: 'ada' }) },
    );
  });
});

describe('a budget', () => {
  const stackOf = (deployment: Deployment) => Template.fromStack(new DeploymentStack(new App(), deployment));
  const budgeted = { ...solo, budget: { monthly: 50 } };

  it('counts resources with this deployment’s tag, and sends mail at 80 % and before it is exceeded', () => {
    const notification = (NotificationType: string, Threshold: number) => ({
      Notification: {
        NotificationType,
        Threshold,
        ThresholdType: 'PERCENTAGE',
        ComparisonOperator: 'GREATER_THAN',
      },
      Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'ops@example.org' }],
    });
    stackOf(budgeted).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        TimeUnit: 'MONTHLY',
        CostFilters: { TagKeyValue: ['user:convoke:deployment$meet'] },
      },
      NotificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    });
  });

  it('has another name for another address, since neither can be changed in place', () => {
    const name = (deployment: Deployment) =>
      Object.values(stackOf(deployment).findResources('AWS::Budgets::Budget'))[0]?.Properties.Budget
        .BudgetName;
    expect(name(budgeted)).toMatch(/^convoke-meet-eu-central-1-/);
    expect(name({ ...budgeted, budget: { monthly: 60 } })).toBe(name(budgeted));
    expect(name({ ...budgeted, alerts: { emails: ['other@example.org'], webhooks: [] } })).not.toBe(
      name(budgeted),
    );
  });

  it('does not exist unless configured', () => {
    stackOf(solo).resourceCountIs('AWS::Budgets::Budget', 0);
  });

  it('is the only budget that CloudFormation may change', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' }),
    );
    const statements = Object.values(bootstrap.findResources('AWS::IAM::Policy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement as { Action: string[]; Resource: unknown }[],
    );
    const about = statements.filter(({ Action }) => Action.includes('budgets:ModifyBudget'));
    expect(about).toHaveLength(1);
    expect(JSON.stringify(about[0]?.Resource)).toMatch(/:budget\/convoke-meet-.*-\*/);
  });
});

describe('the bootstrap stack', () => {
  it('is created with the deployer’s permissions, without roles that do not exist', () => {
    const app = new App();
    const { artifactId } = new BootstrapStack(app, { deployment: 'meet', region: 'eu-central-1' });
    const artifact = app.synth().getStackArtifact(artifactId);
    expect(artifact.assumeRoleArn).toBeUndefined();
    expect(artifact.cloudFormationExecutionRoleArn).toBeUndefined();
    expect(artifact.assets).toEqual([]);
  });

  it('lets its roles resolve the template’s parameters, which CreateChangeSet requires', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' }),
    );
    const readers = Object.values(bootstrap.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) =>
        JSON.stringify(Properties.PolicyDocument).includes(
          '::parameter/aws/service/debian/release/13/latest/*',
        ),
      )
      .map(({ Properties }) => Properties.Roles[0].Ref.replace(/[0-9A-F]{8}$/, ''));
    expect(readers.sort()).toEqual(['Deploy', 'Execute']);
  });

  it('has inline policies in its roles, for names of any length', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'abcdefghijklmnopqrst', region: 'ap-southeast-7' }),
    );
    bootstrap.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    bootstrap.resourceCountIs('AWS::IAM::Policy', 3);
  });
});

describe('cdk-nag', () => {
  /** Rules of the AWS Solutions pack that do not fit, each with the reason. */
  const SUPPRESSED: Record<string, string> = {
    'AwsSolutions-VPC7':
      'Flow logs are charged by volume, most of which would be media. Users can enable them on the VPC.',
    'AwsSolutions-EC23':
      'A meeting page and its media are for everybody: ports 80, 443 and UDP 10000 are the product.',
    'AwsSolutions-ELB2':
      'Access logs would hold room names and addresses of participants; they are not kept by default.',
    'AwsSolutions-SMG4':
      'Passwords are derived from the seed at launch; rotating it under running machines would cut them off from each other.',
    'AwsSolutions-L1':
      'The SDK and the other tools of convoke are tested with Node.js 22, which Lambda supports; a newer one comes with them.',
    'AwsSolutions-AS3':
      'Launches and ends are reported in sentences by EventBridge rules, not by Auto Scaling’s bare notifications.',
    'AwsSolutions-IAM5':
      'Each wildcard is used because the action supports no resources, or for the random part of a name with the deployment’s prefix.',
    CdkNagValidationFailure:
      'The rule about encrypted disks (EC26) stumbles over overrides without a launch template of their own; they have the group’s, whose disk is encrypted.',
    'AwsSolutions-S1':
      'The bucket holds the node bundle and packages only, read by the deployment’s own machines; access logs would have no use.',
  };

  const used = new Set<string>();

  it.each([
    ['solo', () => new DeploymentStack(new App(), solo)],
    ['team', () => new DeploymentStack(new App(), team)],
    ['fleet', () => new DeploymentStack(new App(), fleet)],
    ['bootstrap', () => new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' })],
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
