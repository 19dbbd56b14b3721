import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aws_ec2 as ec2, type Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { meet, newStack, type Props, temporaryOutput, zoneOf } from '../../test/sample-construct.js';
import { JitsiMeet } from './jitsi-meet.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const folder = temporaryOutput();

/** The settings in a machine's user data. */
const userData = (stack: Stack): string =>
  JSON.stringify(Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate'));

describe('defaults', () => {
  it('are those of convoke.yaml', () => {
    const [ours, same] = [newStack(), newStack()];
    meet(ours);
    meet(same, {
      architecture: 'arm64',
      shardType: 't4g.medium',
      shardCount: 1,
      packages: { kind: 'official' },
      access: 'open',
      meetings: { title: 'Jitsi Meet', resolution: 720, embedding: 'anywhere' },
      turn: false,
      dashboard: true,
    });
    expect(Template.fromStack(ours).toJSON()).toEqual(Template.fromStack(same).toJSON());
  });

  it('complete the settings of meetings', () => {
    const stack = newStack();
    const props: Props = {
      name: 'meet',
      domain: 'Meet.Example.ORG',
      alerts: 'ops@example.org',
      zone: zoneOf(stack),
      meetings: { title: 'Town Hall' },
    };
    new JitsiMeet(stack, 'Meet', props);
    expect(userData(stack)).toMatch(/Town Hall.*720.*anywhere/);
    expect(userData(stack)).toContain('meet.example.org');
  });

  it('complete a group of bridges', () => {
    const stack = newStack();
    meet(stack, { shardCount: 2, bridges: { max: 9 } });
    Template.fromStack(stack).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      AutoScalingGroupName: 'convoke-meet-bridges',
      MinSize: '2',
      MaxSize: '9',
    });
  });

  it('leave a logo to its file', () => {
    const logo = join(folder, 'logo.svg');
    writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const stack = newStack();
    meet(stack, { meetings: { logo } });
    expect(userData(stack)).toMatch(/svg/);
  });
});

describe('what an app has already', () => {
  it('is a VPC: machines and load balancers take one public subnet of each zone, and no other is created', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      publicSubnetIds: ['subnet-a1', 'subnet-b1', 'subnet-a2', 'subnet-b2'],
    });
    meet(stack, { vpc, shardCount: 2, bridges: {} });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.allResourcesProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: ['subnet-a1', 'subnet-b1'],
    });
    const subnetsOf = (group: string) =>
      Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup'))
        .filter(({ Properties }) => Properties.AutoScalingGroupName === `convoke-meet-${group}`)
        .map(({ Properties }) => Properties.VPCZoneIdentifier);
    expect(subnetsOf('shard-a')).toEqual([['subnet-a1']]);
    expect(subnetsOf('shard-b')).toEqual([['subnet-b1']]);
    expect(subnetsOf('bridges')).toEqual([['subnet-a1', 'subnet-b1']]);
  });

  it('is a topic: alerts are published there, it lets CloudWatch do so too, and addresses are subscribed to it', () => {
    const stack = newStack();
    const alarmTopic = new sns.Topic(stack, 'Topic');
    meet(stack, { alarmTopic, alerts: ['a@example.org', 'b@example.org'] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SNS::Topic', 1);
    template.allResourcesProperties('AWS::Lambda::Function', {
      DeadLetterConfig: { TargetArn: stack.resolve(alarmTopic.topicArn) },
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'AlarmsPublish' })]) },
    });
    for (const Endpoint of ['a@example.org', 'b@example.org'])
      template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
  });

  it('is a machine that may connect to all machines', () => {
    const stack = newStack();
    const jitsi = meet(stack, { shardCount: 2, bridges: {} });
    jitsi.connections.allowFrom(ec2.Peer.ipv4('192.0.2.7/32'), ec2.Port.tcp(9100));
    const open = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroup')).filter(
      ({ Properties }) =>
        (Properties.SecurityGroupIngress ?? []).some((rule: { FromPort: number }) => rule.FromPort === 9100),
    );
    expect(open.map(({ Properties }) => Properties.GroupDescription).sort()).toEqual([
      'convoke meet: bridges',
      'convoke meet: shards',
    ]);
  });
});
