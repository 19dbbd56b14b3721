import {
  type AutoScalingClient,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import pWaitFor from 'p-wait-for';
import { EmulatedAccount } from './account.js';
import { bridgesTemplate } from './bridges-template.js';

export const GROUP = 'small-bridges';

/** The bridges of a stack, with queries that tests need. */
export class Bridges {
  private constructor(readonly account: EmulatedAccount) {}

  /** `alarmMax`: maximum time that alarms look back, in seconds. */
  static async start(alarmMax: number): Promise<Bridges> {
    const account = await EmulatedAccount.start({ settle: 0, boot: 0.2, alarmMax });
    await account.createStackOf(bridgesTemplate());
    await account.stackIs('CREATE_COMPLETE');
    return new Bridges(account);
  }

  get groups(): AutoScalingClient {
    return this.account.clients().groups;
  }

  async resize(DesiredCapacity: number): Promise<void> {
    await this.groups.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
  }

  async size(): Promise<number | undefined> {
    return (await this.account.group())?.DesiredCapacity;
  }

  get metrics(): CloudWatchClient {
    return new CloudWatchClient(this.account.config());
  }

  /** Stress from five seconds ago to two minutes ahead, of a number of machines, at an interval in seconds. */
  async stress(value: number, { machines = 1, every = 1 } = {}): Promise<void> {
    const data: MetricDatum[] = [];
    for (let second = -5; second < 120; second += every) {
      data.push({
        MetricName: 'Stress',
        Dimensions: [
          { Name: 'Deployment', Value: 'small' },
          { Name: 'Role', Value: 'bridge' },
        ],
        Timestamp: new Date(Date.now() + second * 1000),
        StorageResolution: 1,
        Values: [value],
        Counts: [machines],
      });
    }
    await this.metrics.send(new PutMetricDataCommand({ Namespace: 'Small', MetricData: data }));
  }

  async alarm(name: string) {
    const answer = await this.metrics.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    return answer.MetricAlarms?.[0];
  }

  async alarmIs(name: string, state: string): Promise<void> {
    await until(async () => (await this.alarm(name))?.StateValue === state);
  }

  /** Waits until an alarm has been evaluated this number of further times. */
  async evaluations(name: string, more: number): Promise<void> {
    const seen = new Set<string>();
    await until(async () => seen.add((await this.alarm(name))?.StateReasonData ?? '').size > more);
  }

  async members(...states: string[]) {
    const members = (await this.account.group())?.Instances ?? [];
    return members.filter((m) => states.length === 0 || states.includes(m.LifecycleState ?? ''));
  }

  async lastActivity() {
    const answer = await this.groups.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: GROUP }),
    );
    return answer.Activities?.[0];
  }

  async lastCause(): Promise<string> {
    return (await this.lastActivity())?.Cause ?? '';
  }

  /** Waits until this number of bridges is in service. */
  async serve(count: number): Promise<void> {
    await until(async () => (await this.members('InService')).length === count);
  }
}

/** `until` with the timeout of these tests. */
export const until = (condition: () => Promise<boolean> | boolean) =>
  pWaitFor(condition, { interval: 100, timeout: 30_000 });
