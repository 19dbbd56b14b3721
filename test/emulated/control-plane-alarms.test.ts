import {
  DeleteScheduledActionCommand,
  DescribeScheduledActionsCommand,
  PutScheduledUpdateGroupActionCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeAlarmHistoryCommand,
  type MetricDatum,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridges, GROUP, until } from './control-plane/bridges.js';

describe('alarms and schedules of the control plane', () => {
  let bridges: Bridges;

  beforeAll(async () => {
    bridges = await Bridges.start(900);
  }, 300_000);
  afterAll(() => bridges?.account.stop());

  /** Publishes values of a separate metric, one for each of the last ten-second periods, newest first; undefined: none. */
  async function publish(MetricName: string, values: (number | undefined)[], resolution = 1): Promise<void> {
    // Metrics may arrive a second late, so until then an alarm still evaluates the previous periods.
    await until(async () => Date.now() % 10_000 > 1_500);
    const period = Math.floor(Date.now() / 10_000);
    const MetricData: MetricDatum[] = values.flatMap((Value, back) =>
      Value === undefined
        ? []
        : {
            MetricName,
            Value,
            Timestamp: new Date((period - back) * 10_000 + 1),
            StorageResolution: resolution,
          },
    );
    await bridges.metrics.send(new PutMetricDataCommand({ Namespace: 'Small', MetricData }));
  }

  /** The state of an alarm when two of the last three of ten seconds must breach 0.5, as soon as it was evaluated. */
  async function verdict(name: string, changes: Partial<PutMetricAlarmCommandInput> = {}): Promise<string> {
    await bridges.metrics.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        Namespace: 'Small',
        MetricName: name,
        Statistic: 'Average',
        Period: 10,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 0.5,
        ComparisonOperator: 'GreaterThanThreshold',
        ...changes,
      }),
    );
    await until(async () => (await bridges.alarm(name))?.StateReasonData !== undefined);
    return (await bridges.alarm(name))?.StateValue ?? '';
  }

  // The newest period may have just begun and is not evaluated, so each row has one more in front.
  it.each([
    ['enough', [0.9, 0.9, 0.9, 0.1], 'notBreaching', 'ALARM'],
    ['one-of-three', [0.1, 0.1, 0.9, 0.1, 0.1, 0.1], 'notBreaching', 'OK'],
    ['made-up-for-by-older', [undefined, undefined, 0.9, 0.9, 0.1], 'notBreaching', 'ALARM'],
    ['silent', [], 'notBreaching', 'OK'],
    ['silent-and-unknown', [], 'missing', 'INSUFFICIENT_DATA'],
    ['silent-and-bad', [], 'breaching', 'ALARM'],
    ['one-and-unknown', [undefined, undefined, 0.9], 'missing', 'ALARM'],
    ['one-and-fine', [undefined, undefined, 0.9], 'notBreaching', 'OK'],
  ])(
    'an alarm with datapoints %s: %j, missing ones %s, is %s',
    async (name, values, TreatMissingData, state) => {
      await publish(name, values);
      expect(await verdict(name, { TreatMissingData })).toBe(state);
    },
  );

  it('an alarm on seconds ignores a standard-resolution metric', async () => {
    await publish('coarse', [0.9, 0.9, 0.9, 0.9], 60);
    expect(await verdict('coarse', { TreatMissingData: 'missing' })).toBe('INSUFFICIENT_DATA');
  });

  it('an alarm has the reason of its state, also in its history', async () => {
    await publish('recorded', [0.9, 0.8, 0.7, 0.6]);
    expect(await verdict('recorded')).toBe('ALARM');
    expect((await bridges.alarm('recorded'))?.StateReason).toMatch(
      /^Threshold Crossed: 3 out of the last 3 datapoints \[.*\] were greater than the threshold \(0\.5\)\.$/,
    );
    const history = async () => {
      const found = await bridges.metrics.send(new DescribeAlarmHistoryCommand({ AlarmName: 'recorded' }));
      return (found.AlarmHistoryItems ?? []).map((item) => item.HistorySummary);
    };
    await until(async () => (await history()).includes('Alarm updated from INSUFFICIENT_DATA to ALARM'));
  });

  it.each([
    ['MAX(METRICS())', 'cannot be read|does not simulate'],
    ['a + nobody', 'names nobody, which is not an Id'],
    ['a && 1', 'cannot be read'],
    ['__import__("os")', 'does not simulate'],
  ])('refuses the invalid expression %s', async (Expression, why) => {
    const metric = { Metric: { Namespace: 'Small', MetricName: 'a' }, Stat: 'Average', Period: 60 };
    const sent = bridges.metrics.send(
      new PutMetricAlarmCommand({
        AlarmName: 'refused',
        Metrics: [
          { Id: 'a', MetricStat: metric, ReturnData: false },
          { Id: 'b', Expression },
        ],
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    await expect(sent).rejects.toThrow(new RegExp(why));
  });

  const put = (ScheduledActionName: string, action: object) =>
    bridges.groups.send(
      new PutScheduledUpdateGroupActionCommand({
        AutoScalingGroupName: GROUP,
        ScheduledActionName,
        ...action,
      }),
    );
  const scheduled = async () => {
    const answer = await bridges.groups.send(
      new DescribeScheduledActionsCommand({ AutoScalingGroupName: GROUP }),
    );
    return answer.ScheduledUpdateGroupActions ?? [];
  };

  it('calculates the next time of a schedule in its time zone', async () => {
    const [action] = await scheduled();
    expect(action).toMatchObject({ Recurrence: '45 7 * * MON-FRI', TimeZone: 'Europe/Berlin', MinSize: 3 });
    const local = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      timeStyle: 'short',
    }).format(action?.StartTime);
    expect(local).toBe('07:45');
  });

  it('changes the size at the scheduled time, once', async () => {
    await put('soon', { StartTime: new Date(Date.now() + 1_500), MinSize: 2, DesiredCapacity: 2 });
    await bridges.serve(2);
    expect(await bridges.lastCause()).toContain(
      'a scheduled action update of AutoScalingGroup constraints to min: 2, max: 6, desired: 2 changing the desired capacity from 1 to 2.',
    );
    expect((await scheduled()).map((action) => action.ScheduledActionName)).not.toContain('soon');
  }, 30_000);

  it('refuses an invalid time zone or recurrence', async () => {
    await expect(put('odd', { Recurrence: '0 7 * * *', TimeZone: 'Mars/Olympus' })).rejects.toThrow(
      'The time zone Mars/Olympus',
    );
    await expect(put('odd', { Recurrence: '0 25 * * *' })).rejects.toThrow('0 25 * * * is invalid');
  });

  it('removes a deleted schedule', async () => {
    const [action] = await scheduled();
    await bridges.groups.send(
      new DeleteScheduledActionCommand({
        AutoScalingGroupName: GROUP,
        ScheduledActionName: action?.ScheduledActionName,
      }),
    );
    expect(await scheduled()).toEqual([]);
  });

  it('deletes the stack with everything in it', async () => {
    await bridges.account.deleteStack();
    await bridges.account.stackIs('DELETE_COMPLETE');
    expect(await bridges.account.group()).toBeUndefined();
    expect(await bridges.alarm('small-idle')).toBeUndefined();
  }, 60_000);
});
