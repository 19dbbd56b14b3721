import {
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeScalingActivitiesCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmulatedAccount, MAIL_BOX } from './control-plane/account.js';

const NAME = 'bridges';
const HOOK = 'drain';

describe('a group of several machines', () => {
  let account: EmulatedAccount;

  const lifecycle = async () =>
    ((await account.group())?.Instances ?? []).map((m) => m.LifecycleState).toSorted();
  const until = (condition: () => Promise<boolean> | boolean) =>
    pWaitFor(condition, { interval: 100, timeout: 20_000 });
  const have = (...states: string[]) =>
    until(async () => (await lifecycle()).join() === states.toSorted().join());
  const resize = (DesiredCapacity: number) =>
    account
      .clients()
      .groups.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: NAME, DesiredCapacity }));
  const waiting = async () =>
    (await account.group())?.Instances?.find((m) => m.LifecycleState === 'Terminating:Wait')?.InstanceId ??
    '';

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0, boot: 0.2 });
    const { ec2, groups } = account.clients();
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: NAME,
        LaunchTemplateData: { ImageId: 'ami-0deb1300000000a64', InstanceType: 'c7g.large' },
      }),
    );
    const subnets = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets?.map(
      (subnet) => subnet.SubnetId,
    );
    await groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: NAME,
        LaunchTemplate: { LaunchTemplateName: NAME },
        MinSize: 0,
        MaxSize: 4,
        DesiredCapacity: 3,
        VPCZoneIdentifier: subnets?.join(','),
      }),
    );
    await groups.send(
      new PutLifecycleHookCommand({
        AutoScalingGroupName: NAME,
        LifecycleHookName: HOOK,
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        HeartbeatTimeout: 600,
        DefaultResult: 'CONTINUE',
      }),
    );
  }, 300_000);
  afterAll(() => account?.stop());

  it('spreads over all zones', async () => {
    await have('InService', 'InService', 'InService');
    const machines = await account.machines();
    expect(machines.map((m) => m.Placement?.AvailabilityZone).toSorted()).toEqual([
      'eu-central-1a',
      'eu-central-1b',
      'eu-central-1c',
    ]);
    expect(new Set(machines.map((m) => m.PrivateIpAddress)).size).toBe(3);
  }, 30_000);

  it('lets a machine drain at its hook before it terminates', async () => {
    const { groups } = account.clients();
    await resize(2);
    await have('InService', 'InService', 'Terminating:Wait');
    const InstanceId = await waiting();
    const action = { AutoScalingGroupName: NAME, LifecycleHookName: HOOK, InstanceId };
    await groups.send(new RecordLifecycleActionHeartbeatCommand(action));
    expect((await account.machines(['running'])).map((m) => m.InstanceId)).toContain(InstanceId);
    await groups.send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: 'CONTINUE' }));
    await have('InService', 'InService');
    const again = groups.send(
      new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: 'CONTINUE' }),
    );
    await expect(again).rejects.toThrow(/No active Lifecycle Action found/);
  }, 30_000);

  it('stays within its limits', async () => {
    await expect(resize(5)).rejects.toThrow(
      'New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup.',
    );
  });

  it('grows when an alarm is in ALARM, and the alarm is mailed', async () => {
    const { groups } = account.clients();
    const alarms = new CloudWatchClient(account.config());
    const notices = new SNSClient(account.config());
    const topic = (await notices.send(new CreateTopicCommand({ Name: 'stress' }))).TopicArn ?? '';
    await notices.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'email', Endpoint: MAIL_BOX }));
    const policy = await groups.send(
      new PutScalingPolicyCommand({
        AutoScalingGroupName: NAME,
        PolicyName: 'out',
        PolicyType: 'SimpleScaling',
        AdjustmentType: 'ChangeInCapacity',
        ScalingAdjustment: 1,
      }),
    );
    await alarms.send(
      new PutMetricAlarmCommand({
        AlarmName: 'stressed',
        Namespace: 'Small',
        MetricName: 'stress',
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0.7,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [policy.PolicyARN ?? '', topic],
      }),
    );
    await alarms.send(
      new SetAlarmStateCommand({ AlarmName: 'stressed', StateValue: 'ALARM', StateReason: 'stress is 0.9' }),
    );
    await have('InService', 'InService', 'InService');
    const answer = await groups.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: NAME }));
    expect(answer.Activities?.[0]?.Cause).toMatch(
      /a monitor alarm stressed in state ALARM triggered policy out changing the desired capacity from 2 to 3\./,
    );
    const mail = account.mail().find(({ subject }) => subject.startsWith('ALARM: "stressed"'));
    expect(mail?.body).toContain('Amazon CloudWatch Alarm "stressed"');
    expect(mail?.body).toContain('- State Change:               INSUFFICIENT_DATA -> ALARM');
  }, 30_000);

  it('terminates a machine on request, and decrements its size if requested', async () => {
    const { groups } = account.clients();
    const InstanceId = (await account.group())?.Instances?.[0]?.InstanceId ?? '';
    await groups.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }),
    );
    expect(await waiting()).toBe(InstanceId);
    expect((await account.group())?.DesiredCapacity).toBe(2);
  });

  it('can be deleted with machines only by force, which skips their hooks', async () => {
    const { groups } = account.clients();
    const remove = (ForceDelete: boolean) =>
      groups.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete }));
    await expect(remove(false)).rejects.toThrow(/while there are instances/);
    await remove(true);
    await until(async () => (await account.group()) === undefined);
    expect(await account.machines()).toEqual([]);
  }, 30_000);
});
