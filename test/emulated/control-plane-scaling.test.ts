import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteLifecycleActionCommand,
  DeleteLifecycleHookCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bridges, GROUP, until } from './control-plane/bridges.js';

const markets = async (bridges: Bridges) =>
  (await bridges.account.machines()).map((machine) => machine.InstanceLifecycle ?? 'on-demand').toSorted();

describe('bridges that are added with the load', () => {
  let bridges: Bridges;

  beforeAll(async () => {
    bridges = await Bridges.start(2);
  }, 300_000);
  afterAll(() => bridges?.account.stop());

  const ask = (faults: object) =>
    writeFileSync(join(bridges.account.run, 'faults.json'), JSON.stringify(faults));

  it('start at the minimum, on demand', async () => {
    await bridges.serve(1);
    const group = await bridges.account.group();
    expect(group?.DesiredCapacity).toBe(1);
    expect(group?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: { Overrides: [{ InstanceType: 'c7g.large' }, { InstanceType: 'c6g.large' }] },
      InstancesDistribution: {
        OnDemandBaseCapacity: 1,
        OnDemandPercentageAboveBaseCapacity: 0,
        SpotAllocationStrategy: 'price-capacity-optimized',
      },
    });
    const [machine] = await bridges.account.machines();
    expect(machine?.InstanceType).toBe('c7g.large');
    expect(await markets(bridges)).toEqual(['on-demand']);
  }, 30_000);

  it('are neither added nor removed without metrics', async () => {
    await bridges.alarmIs('small-stressed', 'OK');
    await bridges.alarmIs('small-idle', 'OK');
    expect(await bridges.size()).toBe(1);
  }, 30_000);

  it('are added by the step for the stress, and not again while the new ones warm up', async () => {
    await bridges.stress(0.6);
    await bridges.serve(2);
    await bridges.evaluations('small-stressed', 3);
    expect(await bridges.size()).toBe(2);
    expect(await markets(bridges)).toEqual(['on-demand', 'spot']);
    const cause = await bridges.lastCause();
    expect(cause).toMatch(/a monitor alarm small-stressed in state ALARM triggered policy small-Out-\w+/);
    expect(cause).toContain('changing the desired capacity from 1 to 2.');
  }, 60_000);

  it('are added by the difference to a higher step, of any type with capacity', async () => {
    ask({ insufficient_capacity: ['c7g.large'] });
    // Together with published values, 0.8 on average.
    await bridges.stress(1);
    await bridges.serve(3);
    await bridges.evaluations('small-stressed', 3);
    expect(await bridges.size()).toBe(3);
    const types = (await bridges.account.machines()).map((machine) => machine.InstanceType);
    expect(types.toSorted()).toEqual(['c6g.large', 'c7g.large', 'c7g.large']);
  }, 60_000);

  it('are replaced when EC2 reclaims spot machines', async () => {
    const machines = await bridges.account.machines();
    const id = (market: string | undefined) =>
      machines.find((machine) => machine.InstanceLifecycle === market)?.InstanceId ?? '';
    ask({ interruptions: { [id('spot')]: 0, [id(undefined)]: 0 } });
    await until(async () => !(await bridges.members()).some((m) => m.InstanceId === id('spot')));
    await bridges.serve(3);
    const left = (await bridges.members()).map((member) => member.InstanceId);
    expect(left).toContain(id(undefined));
  }, 30_000);

  it('are not launched if EC2 has no Spot capacity', async () => {
    ask({ insufficient_capacity: ['spot'] });
    const spot = (await bridges.account.machines()).find((m) => m.InstanceLifecycle === 'spot')?.InstanceId;
    await bridges.groups.send(
      new TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: spot,
        ShouldDecrementDesiredCapacity: false,
      }),
    );
    // An instance that waits at a hook no longer counts, so a replacement is launched immediately.
    await until(async () => (await bridges.lastActivity())?.StatusCode === 'Failed');
    expect((await bridges.lastActivity())?.StatusMessage).toContain('There is no Spot capacity available');
    expect((await bridges.members('Terminating:Wait')).map((m) => m.InstanceId)).toEqual([spot]);
    ask({});
    await bridges.serve(3);
  }, 60_000);
});

describe('bridges that are removed', () => {
  let bridges: Bridges;

  beforeAll(async () => {
    // A period of a minute takes four seconds here, and a report in it counts as fifteen.
    bridges = await Bridges.start(4);
    await bridges.resize(4);
    await bridges.serve(4);
    // Until the metrics of the group have it for complete periods.
    await bridges.evaluations('small-idle', 3);
  }, 300_000);
  afterAll(() => bridges?.account.stop());

  it('stay if too few have reported, even if those are idle', async () => {
    await bridges.stress(0.05, { every: 4 });
    await bridges.evaluations('small-idle', 3);
    expect((await bridges.alarm('small-idle'))?.StateValue).toBe('OK');
    expect(await bridges.size()).toBe(4);
  }, 60_000);

  it('are removed one at a time if all have reported', async () => {
    await bridges.stress(0.05, { machines: 4 });
    await until(async () => (await bridges.members('Terminating:Wait')).length === 1);
    await bridges.evaluations('small-idle', 3);
    expect(await bridges.size()).toBe(3);
    expect(await bridges.members('Terminating:Wait')).toHaveLength(1);
  }, 60_000);

  it('terminate once they are drained, before the next is removed', async () => {
    const [leaving] = await bridges.members('Terminating:Wait');
    await bridges.groups.send(
      new CompleteLifecycleActionCommand({
        AutoScalingGroupName: GROUP,
        LifecycleHookName: 'drain',
        InstanceId: leaving?.InstanceId,
        LifecycleActionResult: 'CONTINUE',
      }),
    );
    await until(async () =>
      (await bridges.members('Terminating:Wait')).some((m) => m.InstanceId !== leaving?.InstanceId),
    );
    expect(await bridges.size()).toBe(2);
  }, 60_000);

  it('no longer wait at a hook that is deleted', async () => {
    const [leaving] = await bridges.members('Terminating:Wait');
    await bridges.groups.send(
      new DeleteLifecycleHookCommand({ AutoScalingGroupName: GROUP, LifecycleHookName: 'drain' }),
    );
    await until(
      async () => !(await bridges.members()).some(({ InstanceId }) => InstanceId === leaving?.InstanceId),
    );
  }, 30_000);
});
