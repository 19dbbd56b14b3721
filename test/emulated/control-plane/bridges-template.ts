import { attribute, ref, subnet } from '../template-parts.js';

/** Machines that report within a minute: each does so six times, and one report may come late. */
const REPORTS = 5;

/**
 * A small group of bridges: two instance types, on demand and spot, a lifecycle hook to drain, scaling out with stress,
 * scaling in when idle, and a schedule.
 */
export function bridgesTemplate(): string {
  const dimensions = [
    { Name: 'Deployment', Value: 'small' },
    { Name: 'Role', Value: 'bridge' },
  ];
  const stress = { Namespace: 'Small', MetricName: 'Stress', Dimensions: dimensions };
  const alarm = (properties: object) => ({ Type: 'AWS::CloudWatch::Alarm', Properties: properties });
  const stressed = (name: string, statistic: string, threshold: number) =>
    alarm({
      ...stress,
      AlarmName: name,
      Statistic: statistic,
      Period: 10,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [ref('Out')],
    });
  const metric = (id: string, metric: object, statistic: string) => ({
    Id: id,
    MetricStat: { Metric: metric, Stat: statistic, Period: 60 },
    ReturnData: false,
  });
  return JSON.stringify({
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.20.0.0/16' } },
      SubnetA: subnet(0),
      SubnetB: subnet(1),
      Template: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: {
          LaunchTemplateData: { ImageId: 'ami-0deb1300000000a64', InstanceType: 'c7g.large' },
        },
      },
      Group: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: {
          AutoScalingGroupName: 'small-bridges',
          MinSize: '1',
          MaxSize: '6',
          VPCZoneIdentifier: [ref('SubnetA'), ref('SubnetB')],
          CapacityRebalance: true,
          MetricsCollection: [{ Granularity: '1Minute' }],
          MixedInstancesPolicy: {
            LaunchTemplate: {
              LaunchTemplateSpecification: {
                LaunchTemplateId: ref('Template'),
                Version: attribute('Template', 'LatestVersionNumber'),
              },
              Overrides: [{ InstanceType: 'c7g.large' }, { InstanceType: 'c6g.large' }],
            },
            InstancesDistribution: {
              OnDemandBaseCapacity: 1,
              OnDemandPercentageAboveBaseCapacity: 0,
              OnDemandAllocationStrategy: 'prioritized',
              SpotAllocationStrategy: 'price-capacity-optimized',
            },
          },
        },
      },
      Drain: {
        Type: 'AWS::AutoScaling::LifecycleHook',
        Properties: {
          AutoScalingGroupName: ref('Group'),
          LifecycleHookName: 'drain',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          HeartbeatTimeout: 600,
          DefaultResult: 'CONTINUE',
        },
      },
      Out: {
        Type: 'AWS::AutoScaling::ScalingPolicy',
        Properties: {
          AutoScalingGroupName: ref('Group'),
          PolicyType: 'StepScaling',
          AdjustmentType: 'ChangeInCapacity',
          MetricAggregationType: 'Maximum',
          EstimatedInstanceWarmup: 600,
          StepAdjustments: [
            { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 0.2, ScalingAdjustment: 1 },
            { MetricIntervalLowerBound: 0.2, ScalingAdjustment: 2 },
          ],
        },
      },
      Stressed: stressed('small-stressed', 'Average', 0.5),
      In: {
        Type: 'AWS::AutoScaling::ScalingPolicy',
        Properties: {
          AutoScalingGroupName: ref('Group'),
          PolicyType: 'SimpleScaling',
          AdjustmentType: 'ChangeInCapacity',
          ScalingAdjustment: -1,
          Cooldown: '300',
        },
      },
      Idle: alarm({
        AlarmName: 'small-idle',
        Metrics: [
          metric('stress', stress, 'Average'),
          metric('reports', stress, 'SampleCount'),
          metric(
            'machines',
            {
              Namespace: 'AWS/AutoScaling',
              MetricName: 'GroupInServiceInstances',
              Dimensions: [{ Name: 'AutoScalingGroupName', Value: ref('Group') }],
            },
            'Average',
          ),
          { Id: 'idle', Expression: `IF(reports >= machines * ${REPORTS}, stress, 1)`, ReturnData: true },
        ],
        EvaluationPeriods: 10,
        DatapointsToAlarm: 10,
        Threshold: 0.2,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [ref('In')],
      }),
      Morning: {
        Type: 'AWS::AutoScaling::ScheduledAction',
        Properties: {
          AutoScalingGroupName: ref('Group'),
          Recurrence: '45 7 * * MON-FRI',
          TimeZone: 'Europe/Berlin',
          MinSize: 3,
        },
      },
    },
  });
}
