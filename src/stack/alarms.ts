import { aws_cloudwatch as cloudwatch, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SCALING } from '../capacity/scaling.js';
import type { Alarm } from '../contract/alerts.js';
import {
  bridgeDimensions,
  deploymentDimensions,
  HIGH_LOSS,
  MANY_ICE_FAILURES,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
  SHORT_OF,
  UPDATES_WAIT_HOURS,
} from '../contract/metrics.js';
import { alarmName } from '../contract/names.js';
import type { Watched } from './watched.js';

/** Requests in five minutes that end with an error of a server. Single errors are repeated by the page. */
const MANY_ERRORS = 25;

/** EventBridge gets every change of an alarm's state, so these need no actions. */
export function addAlarms(
  scope: Construct,
  deployment: string,
  {
    balancer,
    targetGroup,
    bridges,
    recorders,
  }: Pick<Watched, 'balancer' | 'targetGroup' | 'bridges' | 'recorders'>,
): void {
  const ofBalancer = { LoadBalancer: balancer.loadBalancerFullName };
  const ofTargets = { ...ofBalancer, TargetGroup: targetGroup.targetGroupFullName };
  alarm(scope, deployment, 'no-shard', 'No shard serves.', {
    metric: balancing('HealthyHostCount', ofTargets, 'Maximum', 1),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 2,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  });
  for (const [name, metric, dimensions] of [
    ['errors', 'HTTPCode_Target_5XX_Count', ofTargets],
    ['balancer-errors', 'HTTPCode_ELB_5XX_Count', ofBalancer],
  ] as const)
    alarm(scope, deployment, name, `At least ${MANY_ERRORS} requests failed in five minutes.`, {
      metric: balancing(metric, dimensions, 'Sum', 5),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: MANY_ERRORS,
      evaluationPeriods: 1,
      // There is no datapoint if there was no error.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  alarm(
    scope,
    deployment,
    'jicofo-restarted',
    'Jicofo of a shard did not see its bridges, and was restarted.',
    {
      metric: ofDeployment(deployment, METRICS.repairs, 'Sum', 1),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      // It is published only when it happens.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    },
  );
  alarm(
    scope,
    deployment,
    'ice-failures',
    `At least ${MANY_ICE_FAILURES} participants could not connect to a bridge in five minutes.`,
    {
      metric: ofDeployment(deployment, METRICS.iceFailed, 'Sum', 5),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: MANY_ICE_FAILURES,
      evaluationPeriods: 1,
      // It is published only when it happens.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    },
  );
  alarm(scope, deployment, 'no-bridges', 'A shard has had no bridge for three minutes.', {
    metric: ofDeployment(deployment, METRICS.withoutBridges, 'Maximum', 1),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    // It is published only while it is so.
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm(scope, deployment, 'loss', `A bridge loses at least ${HIGH_LOSS} % of packets.`, {
    // The worst bridge's.
    metric: ofDeployment(deployment, METRICS.loss, 'Maximum', 1),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: HIGH_LOSS,
    evaluationPeriods: 5,
    // Nobody is in a meeting.
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  for (const what of ['disk', 'memory'] as const)
    alarm(scope, deployment, what, `A machine has less than ${SHORT_OF[what]} MiB of ${what} left.`, {
      // The worst machine's.
      metric: ofDeployment(deployment, METRICS[what], 'Minimum', 1),
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: SHORT_OF[what],
      evaluationPeriods: 5,
      treatMissingData: cloudwatch.TreatMissingData.IGNORE,
    });
  alarm(scope, deployment, 'updates', `Security updates wait for ${UPDATES_WAIT_HOURS} hours.`, {
    // Of the worst machine. Debian's daily job leaves hours without any between one update and the next.
    metric: ofDeployment(deployment, METRICS.waitingUpdates, 'Maximum', 60),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: UPDATES_WAIT_HOURS,
    // A new deployment has no values of days.
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  if (recorders)
    alarm(scope, deployment, 'recordings', 'A recorder cannot upload a recording.', {
      metric: ofDeployment(deployment, METRICS.notUploaded, 'Maximum', 1),
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      // It is published only while it is so.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  if (bridges) bridgesFull(scope, deployment, bridges);
}

/** A metric that all machines publish as one. */
const ofDeployment = (
  deployment: string,
  metricName: MetricName,
  statistic: string,
  minutes: number,
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: deploymentDimensions(deployment),
    statistic,
    period: Duration.minutes(minutes),
  });

function bridgesFull(
  scope: Construct,
  deployment: string,
  { group, max }: NonNullable<Watched['bridges']>,
): void {
  const period = Duration.minutes(1);
  const stress = new cloudwatch.Metric({
    namespace: METRICS_NAMESPACE,
    metricName: METRICS.stress,
    dimensionsMap: bridgeDimensions(deployment),
    statistic: 'Average',
    period,
  });
  const machines = new cloudwatch.Metric({
    namespace: 'AWS/AutoScaling',
    metricName: 'GroupInServiceInstances',
    dimensionsMap: { AutoScalingGroupName: group },
    statistic: 'Average',
    period,
  });
  alarm(scope, deployment, 'bridges-full', `All ${max} bridges run, and they are stressed.`, {
    metric: new cloudwatch.MathExpression({
      expression: `IF(machines >= ${max}, stress, 0)`,
      usingMetrics: { machines, stress },
      label: 'stress, if there is no larger number of bridges',
      period,
    }),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: SCALING.out.maximum,
    evaluationPeriods: 5,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}

function balancing(
  metricName: string,
  dimensionsMap: Record<string, string>,
  statistic: string,
  minutes: number,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap,
    statistic,
    period: Duration.minutes(minutes),
  });
}

function alarm(
  scope: Construct,
  deployment: string,
  name: Alarm,
  alarmDescription: string,
  props: cloudwatch.AlarmProps,
): void {
  new cloudwatch.Alarm(scope, constructId(name), {
    ...props,
    alarmName: alarmName(deployment, name),
    alarmDescription,
  });
}

/** The construct's id of an alarm: `NoShard` for `no-shard`. */
export const constructId = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
