import { aws_autoscaling as autoscaling } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { machineChanges } from '../capacity/hours.js';
import type { BusyHours } from '../capacity/schedule.js';
import type { Hours } from '../config/hours.js';

export interface OpenHoursProps {
  readonly group: autoscaling.AutoScalingGroup;
  readonly hours: Hours;
  readonly min: number;
  readonly max: number;
  /** Times with a higher minimum. Default: none. */
  readonly schedule?: readonly BusyHours[];
}

/** Has a group run no machine while the deployment is closed, and start them before it opens. */
export class OpenHours extends Construct {
  constructor(scope: Construct, id: string, { group, hours, max, ...minimums }: OpenHoursProps) {
    super(scope, id);
    for (const { recurrence, clock, value } of machineChanges(hours, minimums)) {
      const closes = value === 0;
      new autoscaling.CfnScheduledAction(this, closes ? `CloseAt${clock}` : `AtLeast${value}From${clock}`, {
        autoScalingGroupName: group.autoScalingGroupName,
        recurrence,
        // Auto Scaling accepts canonical names only, and UTC is an alias. Without a time zone it uses UTC.
        ...(hours.timezone !== 'UTC' && { timeZone: hours.timezone }),
        minSize: value,
        maxSize: closes ? 0 : max,
        // Bridges that scaled out within a busy time stay; the minimum of the next time raises them if needed.
        ...(closes && { desiredCapacity: 0 }),
      });
    }
  }
}
