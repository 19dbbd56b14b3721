import {
  aws_autoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_ec2 as ec2,
  aws_iam as iam,
  type aws_s3 as s3,
  Tags,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RECORDERS } from '../capacity/recorders.js';
import { deploymentDimensions, METRICS, METRICS_NAMESPACE } from '../contract/metrics.js';
import { recorderAlarmName, recordersGroupName } from '../contract/names.js';
import { PORTS } from '../contract/ports.js';
import { RECORDINGS_PREFIX } from '../contract/recording.js';
import { ROLE_TAG } from '../contract/tags.js';
import { MINUTES_TO_SERVE } from '../contract/template.js';
import { addDrainHook, DRAIN_HOOK } from './drain-hook.js';
import { disk, launch, type MachineProps, machineSecurityGroup } from './launch.js';
import { addLaunchHook } from './launch-hook.js';
import { OpenHours } from './open-hours.js';

export interface RecordersProps extends MachineProps {
  /** Maximum number of machines. */
  readonly max: number;
  readonly instanceType: string;
  /** Where recordings are written to. */
  readonly bucket: s3.IBucket;
}

/**
 * The recorders: a group of machines that run Jibri, each for one meeting at a time. None runs while nobody meets. A machine
 * that records is not chosen when the group becomes smaller, and one that has to end waits until its recording has ended.
 */
export class Recorders extends Construct {
  readonly group: autoscaling.AutoScalingGroup;
  readonly groupName: string;
  readonly securityGroup: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, props: RecordersProps) {
    super(scope, id);
    this.groupName = recordersGroupName(props.deployment);
    this.securityGroup = machineSecurityGroup(this, { ...props, purpose: 'recorders' });
    const template = launch(this, {
      ...props,
      purpose: 'recorders',
      securityGroup: this.securityGroup,
      spec: {
        role: 'recorder',
        group: this.groupName,
        hook: DRAIN_HOOK,
        bucket: props.bucket.bucketName,
      },
      disk: disk(RECORDERS.diskGb),
    });
    (this.node.findChild('Role') as iam.Role).addToPolicy(
      new iam.PolicyStatement({
        sid: 'WriteRecordings',
        // It can neither read nor list nor delete: not even what it wrote.
        actions: ['s3:PutObject'],
        resources: [props.bucket.arnForObjects(`${RECORDINGS_PREFIX}*`)],
      }),
    );
    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      launchTemplate: template,
      minCapacity: 0,
      maxCapacity: props.max,
      healthChecks: autoscaling.HealthChecks.ec2({ gracePeriod: Duration.minutes(MINUTES_TO_SERVE) }),
    });
    addLaunchHook(this.group);
    // A hundred times its timeout is as long as a recording may go on.
    addDrainHook(this.group, RECORDERS.drainTimeout);
    Tags.of(this.group).add(ROLE_TAG, 'recorder', { applyToLaunchedInstances: true });
    Tags.of(this.group).add('Name', this.groupName, { applyToLaunchedInstances: true });
    if (props.hours)
      new OpenHours(this, 'Hours', { group: this.group, hours: props.hours, min: 0, max: props.max });
    this.grow(props.deployment);
    this.shrink(props.deployment);
  }

  /** Lets recorders log in at the shards' Prosody. */
  reach(shards: ec2.SecurityGroup): void {
    shards.addIngressRule(this.securityGroup, ec2.Port.tcp(PORTS.prosodyClient), 'recorders log in');
  }

  private grow(deployment: string): void {
    const { steps, warmUp } = RECORDERS.out;
    const policy = new autoscaling.CfnScalingPolicy(this, 'Grow', {
      autoScalingGroupName: this.group.autoScalingGroupName,
      policyType: 'StepScaling',
      adjustmentType: 'ChangeInCapacity',
      metricAggregationType: 'Maximum',
      estimatedInstanceWarmup: warmUp,
      // Bounds are relative to the alarm's threshold, one that is lacking.
      stepAdjustments: Array.from({ length: steps }, (_, index) => ({
        metricIntervalLowerBound: index,
        ...(index < steps - 1 && { metricIntervalUpperBound: index + 1 }),
        scalingAdjustment: index + 1,
      })),
    });
    this.alarm(deployment, 'lacking', policy, {
      alarmDescription: 'Too few recorders wait for a recording.',
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private shrink(deployment: string): void {
    const { minutes, cooldown } = RECORDERS.in;
    const policy = new autoscaling.CfnScalingPolicy(this, 'Shrink', {
      autoScalingGroupName: this.group.autoScalingGroupName,
      policyType: 'SimpleScaling',
      adjustmentType: 'ChangeInCapacity',
      scalingAdjustment: -1,
      cooldown: String(cooldown),
    });
    this.alarm(deployment, 'surplus', policy, {
      alarmDescription: `For ${minutes} minutes, more recorders have waited than are needed.`,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: -1,
      evaluationPeriods: minutes,
    });
  }

  private alarm(
    deployment: string,
    name: 'lacking' | 'surplus',
    policy: autoscaling.CfnScalingPolicy,
    props: Omit<cloudwatch.AlarmProps, 'metric'>,
  ): void {
    const alarm = new cloudwatch.Alarm(this, name === 'lacking' ? 'Lacking' : 'Surplus', {
      ...props,
      alarmName: recorderAlarmName(deployment, name),
      metric: new cloudwatch.Metric({
        namespace: METRICS_NAMESPACE,
        metricName: METRICS.recordersLacking,
        dimensionsMap: deploymentDimensions(deployment),
        // Each shard sees all recorders; the one that lacks most knows whether anybody meets.
        statistic: 'Maximum',
        period: Duration.minutes(1),
      }),
      // Closed, or Jicofo does not answer: recorders neither come nor go.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction({ bind: () => ({ alarmActionArn: policy.ref }) });
  }
}
