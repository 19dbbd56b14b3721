import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { allows } from '../../test/iam.js';
import { temporaryOutput } from '../../test/sample-construct.js';
import { team } from '../../test/sample-deployments.js';
import { letIn, machinePolicies } from '../../test/stack-template.js';
import { SCALING } from '../capacity/scaling.js';
import { PORTS, REACHED_BY } from '../contract/ports.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

temporaryOutput();

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
        .filter(([, { from }]) => !['nobody', 'everywhere', 'monitoring'].includes(from))
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
    expect(
      published.map(({ AlarmName, MetricName, Threshold }) => [AlarmName, MetricName, Threshold]).sort(),
    ).toEqual([
      ['convoke-meet-alert-failing', 'Errors', 1],
      ['convoke-meet-alert-not-invoked', 'FailedInvocations', 1],
      ['convoke-meet-alert-undelivered', 'NumberOfNotificationsFailed', 1],
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

  it('reports security updates of the worst machine that wait longer than daily jobs take', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'convoke-meet-alert-updates',
      Dimensions: [{ Name: 'Deployment', Value: 'meet' }],
      Statistic: 'Maximum',
      // CloudWatch allows seven days at most.
      Period: 3600,
      EvaluationPeriods: 72,
      TreatMissingData: 'notBreaching',
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
