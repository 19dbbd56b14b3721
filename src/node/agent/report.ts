import { AutoScalingClient, SetInstanceHealthCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { instanceCredentials } from '../credentials.js';
import type { MachineSpec } from '../machine-spec.js';
import type { Figure } from './figures.js';

/** The only two things that a machine tells the account. */
export interface Report {
  publish(figures: readonly Figure[], at: Date): Promise<void>;
  /** Asks Auto Scaling to replace this machine. */
  wantReplacing(): Promise<void>;
}

export function reportTo(spec: MachineSpec, instanceId: string): Report {
  const settings = { region: spec.region, credentials: instanceCredentials, maxAttempts: 3 };
  const cloudwatch = new CloudWatchClient(settings);
  const autoscaling = new AutoScalingClient(settings);
  const dimensions = [
    { Name: 'Deployment', Value: spec.deployment },
    spec.role === 'cell' ? { Name: 'Cell', Value: spec.cell } : { Name: 'Role', Value: spec.role },
  ];
  return {
    async publish(figures, at) {
      const data = figures.map(({ name, value, unit }) => ({
        MetricName: name,
        Value: value,
        Unit: unit,
        Timestamp: at,
        Dimensions: dimensions,
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
  };
}
