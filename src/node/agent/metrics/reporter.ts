import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  RecordLifecycleActionHeartbeatCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MachineSpec } from '../../../contract/machine-spec.js';
import {
  bridgeDimensions,
  deploymentDimensions,
  METRICS,
  OF_DEPLOYMENT,
  recorderDimensions,
  shardDimensions,
} from '../../../contract/metrics.js';
import { instanceCredentials } from '../../metadata.js';
import type { MetricValue } from './metrics.js';

/** Everything that a machine sends to AWS. */
export interface Reporter {
  publish(metrics: readonly MetricValue[], at: Date): Promise<void>;
  /** Reports that Jicofo was restarted because it did not see its bridges. */
  reportRepair(at: Date): Promise<void>;
  /** Asks Auto Scaling to replace this machine. */
  markUnhealthy(): Promise<void>;
  /** Has Auto Scaling choose other machines when it scales in, or this one as well again. */
  protect(isBusy: boolean): Promise<void>;
  /** Sends a heartbeat for the lifecycle action. Does nothing in groups without a hook. */
  sendHeartbeat(): Promise<void>;
  /**
   * Completes the lifecycle action, so that Auto Scaling ends this machine. Does nothing in groups without a hook.
   */
  completeTermination(): Promise<void>;
}

export function awsReporter(spec: MachineSpec, instanceId: string): Reporter {
  const settings = { region: spec.region, credentials: instanceCredentials, maxAttempts: 3 };
  const cloudwatch = new CloudWatchClient(settings);
  const autoscaling = new AutoScalingClient(settings);
  const ofMachine = machineDimensions(spec);
  const hook = spec.hook && {
    AutoScalingGroupName: spec.group,
    LifecycleHookName: spec.hook,
    InstanceId: instanceId,
  };
  const ofDeployment = deploymentDimensions(spec.deployment);
  const put = async (metrics: readonly MetricValue[], at: Date) => {
    const data = metrics.map(({ name, value, unit }) => ({
      MetricName: name,
      Value: value,
      Unit: unit,
      Timestamp: at,
      Dimensions: Object.entries(OF_DEPLOYMENT.includes(name) ? ofDeployment : ofMachine).map(
        ([Name, Value]) => ({ Name, Value }),
      ),
      // At the standard resolution CloudWatch would aggregate a minute, but scaling reads bridges every ten
      // seconds, and shards publish some changes at once.
      StorageResolution: 1,
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: spec.metrics, MetricData: data }));
  };
  return {
    async publish(metrics, at) {
      if (metrics.length > 0) await put(metrics, at);
    },
    reportRepair: (at) => put([{ name: METRICS.repairs, value: 1, unit: 'Count' }], at),
    async markUnhealthy() {
      await autoscaling.send(
        new SetInstanceHealthCommand({
          InstanceId: instanceId,
          HealthStatus: 'Unhealthy',
          // A machine that fails while it is being provisioned has the time that the group gives it.
          ShouldRespectGracePeriod: true,
        }),
      );
    },
    async protect(isBusy) {
      await autoscaling.send(
        new SetInstanceProtectionCommand({
          AutoScalingGroupName: spec.group,
          InstanceIds: [instanceId],
          ProtectedFromScaleIn: isBusy,
        }),
      );
    },
    async sendHeartbeat() {
      if (hook) await autoscaling.send(new RecordLifecycleActionHeartbeatCommand(hook));
    },
    async completeTermination() {
      if (!hook) return;
      await autoscaling.send(
        new CompleteLifecycleActionCommand({ ...hook, LifecycleActionResult: 'CONTINUE' }),
      );
    },
  };
}

function machineDimensions(spec: MachineSpec): Record<string, string> {
  switch (spec.role) {
    case 'shard':
      return shardDimensions(spec.deployment, spec.shard);
    case 'bridge':
      return bridgeDimensions(spec.deployment);
    case 'recorder':
      return recorderDimensions(spec.deployment);
  }
}
