import { type Change, runningHoursAMonth } from './hours.js';

/** What of a deployment AWS charges for, whether it is used or not. */
export interface Shape {
  readonly region: string;
  /** Groups of machines. */
  readonly groups: readonly Group[];
  readonly balancers: readonly Balancer[];
  /** Counted in metrics that they look at, as AWS charges them; composite ones look at none. */
  readonly alarms: { readonly standard: number; readonly highResolution: number; readonly composite: number };
  readonly dashboards: number;
  readonly secrets: number;
}

/** An Auto Scaling group. */
export interface Group {
  /** What its machines are: `shard`, `bridge`. */
  readonly role: string;
  /** Its preferred instance type. */
  readonly type: string;
  readonly min: number;
  readonly max: number;
  /** How many of the machines are on-demand; the others are Spot instances. */
  readonly onDemand: { readonly base: number; readonly percentAbove: number };
  /** Hours a month in which it runs machines: all, unless the deployment closes. */
  readonly hoursAMonth: number;
  /** Gigabytes of disk per machine. */
  readonly diskGb: number;
}

export interface Balancer {
  readonly kind: 'application' | 'network';
  /** Number of its availability zones: it has one public address in each. */
  readonly zones: number;
}

/** Of a group's machines, how many Auto Scaling keeps on demand; it rounds in their favour. */
export function onDemand(
  { onDemand: { base, percentAbove } }: Pick<Group, 'onDemand'>,
  machines: number,
): number {
  const above = Math.max(0, machines - base);
  return Math.min(machines, base) + Math.ceil((above * percentAbove) / 100);
}

/** The parts of a CloudFormation template that costs depend on. */
export interface PricedTemplate {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

/**
 * What a template makes that is charged for. Reading it from the template, not from the file, prices what is deployed
 * by the same rule as what is wanted. `roleTag` is the tag that tells a group's machines apart.
 */
export function shapeOf(template: PricedTemplate, region: string, roleTag: string): Shape {
  const resources = Object.entries(template.Resources).map(([id, { Type, Properties = {} }]) => ({
    id,
    type: Type,
    properties: Properties as Properties,
  }));
  const all = (type: string) =>
    resources.filter((resource) => resource.type === type).map((r) => r.properties);
  const launchTemplates = new Map(
    resources
      .filter(({ type }) => type === 'AWS::EC2::LaunchTemplate')
      .map(({ id, properties }) => [id, (properties.LaunchTemplateData ?? {}) as LaunchTemplateData]),
  );
  const alarms = all('AWS::CloudWatch::Alarm');
  const looking = (fast: boolean) =>
    alarms
      .filter((alarm) => isHighResolution(alarm) === fast)
      .reduce((count, alarm) => count + metricsOf(alarm), 0);
  return {
    region,
    groups: resources
      .filter(({ type }) => type === 'AWS::AutoScaling::AutoScalingGroup')
      .map(({ id, properties }) => ({
        ...groupOf(properties, launchTemplates, roleTag),
        hoursAMonth: runningHoursAMonth(actionsOf(id, all('AWS::AutoScaling::ScheduledAction'))),
      })),
    balancers: all('AWS::ElasticLoadBalancingV2::LoadBalancer').map((balancer) => ({
      kind: balancer.Type === 'network' ? 'network' : 'application',
      zones: ((balancer.SubnetMappings ?? balancer.Subnets ?? []) as unknown[]).length,
    })),
    alarms: {
      standard: looking(false),
      highResolution: looking(true),
      composite: all('AWS::CloudWatch::CompositeAlarm').length,
    },
    dashboards: all('AWS::CloudWatch::Dashboard').length,
    secrets: all('AWS::SecretsManager::Secret').length,
  };
}

type Properties = Readonly<Record<string, unknown>>;

interface LaunchTemplateData {
  readonly InstanceType?: string;
  readonly BlockDeviceMappings?: readonly { readonly Ebs?: { readonly VolumeSize?: number } }[];
}

interface MixedInstancesPolicy {
  readonly LaunchTemplate?: {
    readonly LaunchTemplateSpecification?: LaunchTemplateSpecification;
    readonly Overrides?: readonly { readonly InstanceType?: string }[];
  };
  readonly InstancesDistribution?: {
    readonly OnDemandBaseCapacity?: number;
    readonly OnDemandPercentageAboveBaseCapacity?: number;
  };
}

interface LaunchTemplateSpecification {
  readonly LaunchTemplateId?: { readonly Ref?: string };
}

function groupOf(
  group: Properties,
  launchTemplates: ReadonlyMap<string, LaunchTemplateData>,
  roleTag: string,
): Omit<Group, 'hoursAMonth'> {
  const mixed = group.MixedInstancesPolicy as MixedInstancesPolicy | undefined;
  const specification = (mixed?.LaunchTemplate?.LaunchTemplateSpecification ?? group.LaunchTemplate) as
    | LaunchTemplateSpecification
    | undefined;
  const launch = launchTemplates.get(specification?.LaunchTemplateId?.Ref ?? '');
  const tags = (group.Tags ?? []) as readonly { readonly Key: string; readonly Value: string }[];
  const distribution = mixed?.InstancesDistribution;
  return {
    role: tags.find(({ Key }) => Key === roleTag)?.Value ?? 'machine',
    type: mixed?.LaunchTemplate?.Overrides?.[0]?.InstanceType ?? launch?.InstanceType ?? 'unknown',
    min: Number(group.MinSize),
    max: Number(group.MaxSize),
    onDemand: {
      base: Number(distribution?.OnDemandBaseCapacity ?? 0),
      percentAbove: Number(distribution?.OnDemandPercentageAboveBaseCapacity ?? 100),
    },
    diskGb: (launch?.BlockDeviceMappings ?? []).reduce((sum, { Ebs }) => sum + (Ebs?.VolumeSize ?? 0), 0),
  };
}

/** The changes of a group's size that its scheduled actions make. */
const actionsOf = (group: string, actions: readonly Properties[]): Change<number>[] =>
  actions
    .filter(
      ({ AutoScalingGroupName: name }) => (name as { readonly Ref?: string } | undefined)?.Ref === group,
    )
    .map(({ Recurrence, MaxSize }) => ({ recurrence: String(Recurrence), value: MaxSize === 0 ? 0 : 1 }));

type AlarmMetrics = readonly { readonly MetricStat?: { readonly Period?: number } }[];

/** How many metrics an alarm looks at: one, or those of its expression. */
function metricsOf(alarm: Properties): number {
  const metrics = (alarm.Metrics ?? []) as AlarmMetrics;
  return Math.max(1, metrics.filter(({ MetricStat }) => MetricStat).length);
}

/** An alarm that looks more often than once a minute is charged as one of high resolution. */
function isHighResolution(alarm: Properties): boolean {
  const metrics = (alarm.Metrics ?? []) as AlarmMetrics;
  return [alarm.Period, ...metrics.map(({ MetricStat }) => MetricStat?.Period)].some(
    (period) => typeof period === 'number' && period < 60,
  );
}
