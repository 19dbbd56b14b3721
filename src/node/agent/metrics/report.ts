import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetInstanceHealthCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MachineSpec } from '../../../contract/machine-spec.js';
import { bridgeDimensions, shardDimensions } from '../../../contract/metrics.js';
import { instanceCredentials } from '../../credentials.js';
import type { MetricValue } from './metrics.js';

/** All that a machine tells the account. */
export interface Report {
  publish(metrics: readonly MetricValue[], at: Date): Promise<void>;
  /** Asks Auto Scaling to replace this machine. */
  wantReplacing(): Promise<void>;
  /** Keeps Auto Scaling waiting. Nothing where the group has no hook to wait at. */
  stillLeaving(): Promise<void>;
  /** Lets Auto Scaling end this machine. Nothing where the group has no hook. */
  mayEnd(): Promise<void>;
}

export function reportTo(spec: MachineSpec, instanceId: string): Report {
  const settings = { region: spec.region, credentials: instanceCredentials, maxAttempts: 3 };
  const cloudwatch = new CloudWatchClient(settings);
  const autoscaling = new AutoScalingClient(settings);
  const dimensions = Object.entries(
    spec.role === 'shard' ? shardDimensions(spec.deployment, spec.shard) : bridgeDimensions(spec.deployment),
  ).map(([Name, Value]) => ({ Name, Value }));
  const hook = spec.hook && {
    AutoScalingGroupName: spec.group,
    LifecycleHookName: spec.hook,
    InstanceId: instanceId,
  };
  return {
    async publish(metrics, at) {
      if (metrics.length === 0) return;
      const data = metrics.map(({ name, value, unit }) => ({
        MetricName: name,
        Value: value,
        Unit: unit,
        Timestamp: at,
        Dimensions: dimensions,
        // CloudWatch would put those of a minute together: a bridge is counted on every ten seconds, and a shard tells
        // at once what has changed.
        StorageResolution: 1,
      }));
      await cloudwatch.send(new PutMetricDataCommand({ Namespace: spec.metrics, MetricData: data }));
    },
    async wantReplacing() {
      await autoscaling.send(
        new SetInstanceHealthCommand({
          InstanceId: instanceId,
          HealthStatus: 'Unhealthy',
          // A machine that fails while it is being provisioned has the time that the group gives it.
          ShouldRespectGracePeriod: true,
        }),
      );
    },
    async stillLeaving() {
      if (hook) await autoscaling.send(new RecordLifecycleActionHeartbeatCommand(hook));
    },
    async mayEnd() {
      if (!hook) return;
      await autoscaling.send(
        new CompleteLifecycleActionCommand({ ...hook, LifecycleActionResult: 'CONTINUE' }),
      );
    },
  };
}
