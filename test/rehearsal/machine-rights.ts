import { join } from 'node:path';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { IAMClient } from '@aws-sdk/client-iam';
import { machineRoleName } from '../../src/contract/names.js';
import { paths } from '../../src/rehearsal/paths.js';
import { type Call, callsOfRole, listedCalls, needlessStatements, policiesOfRole } from '../iam.js';
import { until } from './machines-setup.js';
import { rehearsedAccount as account } from './rehearsed-account.js';

/** The calls of a group's machines, and the statements of their role that no call needed. */
export interface MachineRights {
  readonly group: string;
  readonly called: readonly string[];
  readonly denied: readonly Call[];
  /** Resources of each statement without which every call would still have been allowed. */
  readonly needless: readonly (string | readonly string[])[];
}

const calls = () => listedCalls(join(paths().run, 'calls'));

/** The rights of each group in the rehearsal, compared with the calls of its machines. */
export async function machineRights(): Promise<MachineRights[]> {
  const { AutoScalingGroups = [] } = await new AutoScalingClient(account()).send(
    new DescribeAutoScalingGroupsCommand({}),
  );
  const iam = new IAMClient(account());
  return Promise.all(
    AutoScalingGroups.map(async ({ AutoScalingGroupName: group = '' }) => {
      const role = machineRoleName(group, account().region);
      const made = callsOfRole(calls(), role);
      return {
        group,
        called: [...new Set(made.map(({ action }) => action))].toSorted(),
        denied: made.filter(({ allowed }) => !allowed),
        needless: needlessStatements(await policiesOfRole(iam, role), made).map(({ Resource }) => Resource),
      };
    }),
  );
}

/** Terminates a group's machine, and waits until it has left the group. */
export async function terminated(group: string): Promise<void> {
  const scaling = new AutoScalingClient(account());
  const named = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  const { AutoScalingGroups: [found] = [] } = await scaling.send(named);
  const [machine] = found?.Instances ?? [];
  await scaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: machine?.InstanceId,
      ShouldDecrementDesiredCapacity: false,
    }),
  );
  const role = machineRoleName(group, account().region);
  await until(() =>
    callsOfRole(calls(), role).some(({ action }) => action === 'autoscaling:CompleteLifecycleAction'),
  );
}
