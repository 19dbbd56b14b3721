import { aws_autoscaling as autoscaling, aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { SCALING, scheduledMinimums } from '../capacity/scaling.js';
import type { Bridges } from '../config/deployment.js';
import type { Hours } from '../config/hours.js';
import { bridgeDimensions, METRICS, METRICS_NAMESPACE } from '../contract/metrics.js';
import { scalingAlarmName } from '../contract/names.js';
import { OpenHours } from './open-hours.js';

export interface ScalingProps {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;
  readonly deployment: string;
  readonly wanted: Bridges;
  /** When the deployment is open; the minimums of busy times are then set with it. Default: always. */
  readonly hours?: Hours | undefined;
}

/** The rules of `capacity/scaling.ts` as alarms and policies. Missing metrics neither add nor remove a bridge. */
export class Scaling extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ScalingProps,
  ) {
    super(scope, id);
    this.growOn('Average', SCALING.out.average, SCALING.out.steps);
    this.growOn('Maximum', SCALING.out.maximum, [{ above: 0, add: 1 }]);
    this.shrink();
    const { timezone, ...sizes } = props.wanted;
    if (props.hours) {
      new OpenHours(this, 'Hours', { ...sizes, group: props.group, hours: props.hours });
      return;
    }
    for (const { name, recurrence, min } of scheduledMinimums(props.wanted)) {
      new autoscaling.CfnScheduledAction(this, name, {
        autoScalingGroupName: props.group.autoScalingGroupName,
        recurrence,
        // Auto Scaling accepts canonical names only, and UTC is an alias. Without a time zone it uses UTC.
        ...(timezone !== 'UTC' && { timeZone: timezone }),
        minSize: min,
      });
    }
  }

  private stress(statistic: string, period: number): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRICS_NAMESPACE,
      metricName: METRICS.stress,
      dimensionsMap: bridgeDimensions(this.props.deployment),
      statistic,
      period: Duration.seconds(period),
    });
  }

  private growOn(
    statistic: 'Average' | 'Maximum',
    threshold: number,
    steps: readonly { readonly above: number; readonly add: number }[],
  ): void {
    const { period, of, values, warmUp } = SCALING.out;
    const policy = new autoscaling.CfnScalingPolicy(this, `GrowBy${statistic}`, {
      autoScalingGroupName: this.props.group.autoScalingGroupName,
      policyType: 'StepScaling',
      adjustmentType: 'ChangeInCapacity',
      metricAggregationType: statistic,
      estimatedInstanceWarmup: warmUp,
      stepAdjustments: steps.map(({ above, add }, index) => {
        const next = steps[index + 1];
        return {
          metricIntervalLowerBound: above,
          ...(next && { metricIntervalUpperBound: next.above }),
          scalingAdjustment: add,
        };
      }),
    });
    const alarm = new cloudwatch.Alarm(this, `Stress${statistic}`, {
      alarmName: scalingAlarmName(
        this.props.deployment,
        statistic === 'Average' ? 'stress-average' : 'stress-maximum',
      ),
      alarmDescription: `Too few bridges: ${statistic.toLowerCase()} stress is ${threshold} or more.`,
      metric: this.stress(statistic, period),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
      evaluationPeriods: of,
      datapointsToAlarm: values,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(actsBy(policy));
  }

  private shrink(): void {
    const { average, minutes, cooldown, reports } = SCALING.in;
    const policy = new autoscaling.CfnScalingPolicy(this, 'Shrink', {
      autoScalingGroupName: this.props.group.autoScalingGroupName,
      policyType: 'SimpleScaling',
      adjustmentType: 'ChangeInCapacity',
      scalingAdjustment: -1,
      cooldown: String(cooldown),
    });
    const inService = new cloudwatch.Metric({
      namespace: 'AWS/AutoScaling',
      metricName: 'GroupInServiceInstances',
      dimensionsMap: { AutoScalingGroupName: this.props.groupName },
      statistic: 'Average',
      period: Duration.minutes(1),
    });
    const alarm = new cloudwatch.Alarm(this, 'Idle', {
      alarmName: scalingAlarmName(this.props.deployment, 'idle'),
      alarmDescription: `More bridges than needed: average stress was below ${average} for ${minutes} minutes.`,
      metric: new cloudwatch.MathExpression({
        // A bridge that does not report has an unknown load: it counts as full.
        expression: `IF(reports >= machines * ${reports}, stress, 1)`,
        usingMetrics: {
          stress: this.stress('Average', 60),
          reports: this.stress('SampleCount', 60),
          machines: inService,
        },
        label: 'stress, if all report',
        period: Duration.minutes(1),
      }),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: average,
      evaluationPeriods: minutes,
      datapointsToAlarm: minutes,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(actsBy(policy));
  }
}

/** CDK's own action requires a higher-level policy, which does not support everything used here. */
const actsBy = (policy: autoscaling.CfnScalingPolicy): cloudwatch.IAlarmAction => ({
  bind: () => ({ alarmActionArn: policy.ref }),
});
