import {
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  DescribeInstanceRefreshesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmulatedAccount } from './control-plane/account.js';

const NAME = 'bridges';
const until = (condition: () => Promise<boolean>) => pWaitFor(condition, { interval: 100, timeout: 30_000 });

describe('an instance refresh', () => {
  let account: EmulatedAccount;

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0, boot: 4 });
    const { ec2, groups } = account.clients();
    const data = { ImageId: 'ami-0deb1300000000a64', InstanceType: 'c7g.large' as const };
    await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: NAME, LaunchTemplateData: data }));
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: NAME, LaunchTemplateData: data }),
    );
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    await groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: NAME,
        LaunchTemplate: { LaunchTemplateName: NAME, Version: '1' },
        MinSize: 1,
        MaxSize: 1,
        DesiredCapacity: 1,
        VPCZoneIdentifier: Subnets?.map(({ SubnetId }) => SubnetId).join(','),
      }),
    );
    await until(async () => (await versions()).join() === '1 InService');
  }, 300_000);
  afterAll(() => account?.stop());

  const versions = async () =>
    ((await account.group())?.Instances ?? [])
      .map((m) => `${m.LaunchTemplate?.Version} ${m.LifecycleState}`)
      .toSorted();
  const start = (Version: string | undefined, preferences: object = {}) =>
    account.clients().groups.send(
      new StartInstanceRefreshCommand({
        AutoScalingGroupName: NAME,
        ...(Version && {
          DesiredConfiguration: { LaunchTemplate: { LaunchTemplateName: NAME, Version } },
        }),
        Preferences: {
          MinHealthyPercentage: 100,
          MaxHealthyPercentage: 200,
          InstanceWarmup: 0,
          SkipMatching: true,
          ...preferences,
        },
      }),
    );
  const latest = async () => {
    const answer = await account
      .clients()
      .groups.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: NAME }));
    return answer.InstanceRefreshes?.[0];
  };
  const ends = (status: string) => until(async () => (await latest())?.Status === status);

  it('cannot roll back automatically without a desired configuration', async () => {
    await expect(start(undefined, { AutoRollback: true })).rejects.toThrow(
      /AutoRollback parameter cannot be set to true/,
    );
  });

  it('rolls back to the machine that it has not replaced yet', async () => {
    const before = (await account.group())?.Instances?.[0]?.InstanceId;
    await start('2');
    await until(async () => (await versions()).length === 2);
    await account.clients().groups.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName: NAME }));
    await ends('RollbackSuccessful');
    await until(async () => (await versions()).join() === '1 InService');
    expect((await account.group())?.Instances?.[0]?.InstanceId).toBe(before);
    expect((await account.group())?.LaunchTemplate?.Version).toBe('1');
  });

  it('launches before it terminates, and then the group has the new configuration', async () => {
    let least = 1;
    await start('2');
    await expect(start('2')).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault' });
    await until(async () => {
      least = Math.min(least, (await versions()).filter((one) => one.endsWith('InService')).length);
      return (await latest())?.Status === 'Successful';
    });
    expect(least).toBe(1);
    await until(async () => (await versions()).join() === '2 InService');
    expect((await account.group())?.LaunchTemplate?.Version).toBe('2');
    expect(await latest()).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0 });
  });

  it('replaces nothing that has the configuration already', async () => {
    const before = (await account.group())?.Instances?.[0]?.InstanceId;
    await start('2');
    await ends('Successful');
    expect((await account.group())?.Instances?.map((m) => m.InstanceId)).toEqual([before]);
  });

  it('rolls back when one of its alarms is raised', async () => {
    const alarms = new CloudWatchClient(account.config());
    const AlarmName = 'errors';
    await expect(start('1', { AlarmSpecification: { Alarms: [AlarmName] } })).rejects.toThrow(/do not exist/);
    await alarms.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'test',
        MetricName: 'errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await start('1', { AutoRollback: true, AlarmSpecification: { Alarms: [AlarmName] } });
    await alarms.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'the test raises it' }),
    );
    await ends('RollbackSuccessful');
    expect((await latest())?.StatusReason).toContain('errors');
    await until(async () => (await versions()).join() === '2 InService');
    await alarms.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
  });

  it('stops and keeps its state when it is cancelled', async () => {
    await start('1');
    await account.clients().groups.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: NAME }));
    expect((await latest())?.Status).toBe('Cancelled');
    await expect(
      account.clients().groups.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName: NAME })),
    ).rejects.toMatchObject({ name: 'ActiveInstanceRefreshNotFoundFault' });
  });
});
