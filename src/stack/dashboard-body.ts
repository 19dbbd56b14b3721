import { SCALING } from '../capacity/scaling.js';
import {
  bridgeDimensions,
  deploymentDimensions,
  HIGH_LOSS,
  METRICS,
  METRICS_NAMESPACE,
  type MetricName,
  SHORT_OF,
  shardDimensions,
} from '../contract/metrics.js';

/** What a dashboard shows. */
export interface DashboardFacts {
  readonly deployment: string;
  readonly region: string;
  /** Names of the shards: `a`, `b`, … */
  readonly shards: readonly string[];
  /** The Auto Scaling group of the bridges, if there is one, and its maximum size. */
  readonly bridges?: { readonly group: string; readonly max: number };
  /** Load balancer and target group, as CloudWatch's dimensions have them. */
  readonly balancer: string;
  readonly targetGroup: string;
  /** ARNs of the alarms that send mail; at least one, at most 100. */
  readonly alarms: readonly string[];
}

/**
 * A dashboard's body, as in "Dashboard Body Structure and Syntax" of the CloudWatch API reference. The first row answers
 * whether all is well, who is in meetings, and whether more bridges are needed; the others show the last three hours.
 * It is 15 units high, which fits on one screen, and has at most 50 metrics, which are free.
 */
export function dashboardBody(facts: DashboardFacts) {
  const { shards, bridges, region } = facts;
  const ofShards = (metric: MetricName) =>
    shards.map((shard) =>
      series(metric, shardDimensions(facts.deployment, shard), { label: `shard ${shard}` }),
    );
  const ofAll = (metric: MetricName, stat: Statistic, label: string, more: Rendering = {}) =>
    series(metric, deploymentDimensions(facts.deployment), { label, stat, ...more });
  const stress = (stat: Statistic, label: string) =>
    series(
      METRICS.stress,
      bridges ? bridgeDimensions(facts.deployment) : shardDimensions(facts.deployment, shards[0] ?? 'a'),
      { label, stat },
    );
  const ofTargets = { TargetGroup: facts.targetGroup, LoadBalancer: facts.balancer };
  const balancing = (metric: string, dimensions: Dimensions, rendering: Rendering) =>
    series(metric, dimensions, rendering, 'AWS/ApplicationELB');
  const graph = (title: string, metrics: readonly Series[], more: object = {}) => ({
    type: 'metric',
    properties: { title, region, view: 'timeSeries', period: 60, metrics, ...more },
  });

  return {
    start: '-PT3H',
    periodOverride: 'inherit',
    widgets: [
      ...row(0, 4, [
        [
          12,
          {
            type: 'alarm',
            properties: {
              title: 'Is it well?',
              alarms: facts.alarms,
              sortBy: 'stateUpdatedTimestamp',
            },
          },
        ],
        [
          6,
          graph(
            'Who is in?',
            [
              ...total('people', ofShards(METRICS.participants)),
              ...total('meetings', ofShards(METRICS.conferences)),
            ],
            { view: 'singleValue', stat: 'Maximum', sparkline: true },
          ),
        ],
        [
          6,
          graph('Do I need more? Stress of the bridges', [stress('Average', 'average')], {
            view: 'gauge',
            yAxis: { left: { min: 0, max: 1 } },
            annotations: { horizontal: [above(SCALING.out.average, bridges ? 'a bridge is added' : 'busy')] },
          }),
        ],
      ]),
      ...row(4, 6, [
        [
          8,
          graph(
            'Shards that serve',
            [
              balancing('HealthyHostCount', ofTargets, { stat: 'Minimum', label: 'serve' }),
              balancing('UnHealthyHostCount', ofTargets, { stat: 'Maximum', label: 'do not serve' }),
            ],
            { yAxis: { left: { min: 0 } } },
          ),
        ],
        [
          8,
          graph('People in meetings', ofShards(METRICS.participants), {
            stat: 'Maximum',
            stacked: true,
            yAxis: { left: { min: 0 } },
          }),
        ],
        [8, capacity()],
      ]),
      ...row(10, 5, [
        [
          6,
          graph(
            'Failed requests',
            [
              balancing('HTTPCode_Target_5XX_Count', ofTargets, { stat: 'Sum', label: 'at shards' }),
              balancing(
                'HTTPCode_ELB_5XX_Count',
                { LoadBalancer: facts.balancer },
                { stat: 'Sum', label: 'at the load balancer' },
              ),
            ],
            { period: 300, yAxis: { left: { min: 0 } } },
          ),
        ],
        [
          6,
          graph(
            'Calls with trouble',
            [
              ofAll(METRICS.loss, 'Maximum', 'packet loss of the worst bridge, %'),
              ofAll(METRICS.iceFailed, 'Sum', 'failed connections to bridges', { yAxis: 'right' }),
            ],
            {
              yAxis: { left: { min: 0 }, right: { min: 0 } },
              annotations: { horizontal: [above(HIGH_LOSS, 'high loss')] },
            },
          ),
        ],
        [
          6,
          graph(
            'Least free on a machine, MiB',
            [
              ofAll(METRICS.memory, 'Minimum', 'memory'),
              ofAll(METRICS.disk, 'Minimum', 'disk', { yAxis: 'right' }),
            ],
            {
              yAxis: { left: { min: 0 }, right: { min: 0 } },
              annotations: { horizontal: [below(SHORT_OF.memory, 'short of memory')] },
            },
          ),
        ],
        [
          6,
          graph(
            'Security updates that wait',
            [
              ...ofShards(METRICS.updates),
              ...(bridges
                ? [series(METRICS.updates, bridgeDimensions(facts.deployment), { label: 'bridges' })]
                : []),
            ],
            { stat: 'Maximum', period: 3600, yAxis: { left: { min: 0 } } },
          ),
        ],
      ]),
    ],
  };

  /** Stress, and how many bridges there are of how many there may be. */
  function capacity() {
    const lines = [stress('Average', 'average stress'), stress('Maximum', 'most stressed bridge')];
    const annotations = {
      horizontal: [above(SCALING.out.maximum, bridges ? 'a bridge is added' : 'stressed')],
    };
    if (!bridges) return graph('Stress', lines, { yAxis: { left: { min: 0, max: 1 } }, annotations });
    const running = series(
      'GroupInServiceInstances',
      { AutoScalingGroupName: bridges.group },
      { label: `bridges, at most ${bridges.max}`, stat: 'Average', yAxis: 'right' },
      'AWS/AutoScaling',
    );
    return graph('Stress and number of bridges', [...lines, running], {
      yAxis: { left: { min: 0, max: 1 }, right: { min: 0, max: bridges.max } },
      annotations,
    });
  }
}

type Dimensions = Readonly<Record<string, string>>;
type Statistic = 'Average' | 'Minimum' | 'Maximum' | 'Sum';
interface Rendering {
  readonly label?: string;
  readonly stat?: Statistic;
  readonly yAxis?: 'left' | 'right';
  readonly id?: string;
  readonly visible?: boolean;
}
/** Namespace, name, dimensions as name and value, and how the metric is shown; or an expression. */
type Series = readonly (string | Rendering | { readonly expression: string; readonly label: string })[];

const series = (
  metric: string,
  dimensions: Dimensions,
  rendering: Rendering,
  namespace: string = METRICS_NAMESPACE,
): Series => [namespace, metric, ...Object.entries(dimensions).flat(), rendering];

/** The sum of several metrics, which are not shown themselves; a single one is shown as it is. */
function total(label: string, parts: readonly Series[]): Series[] {
  const [only] = parts;
  if (only && parts.length === 1) return [[...only.slice(0, -1), { label }]];
  const ids = parts.map((_, index) => `${label}${index}`);
  return [
    ...parts.map((part, index): Series => [...part.slice(0, -1), { id: ids[index] ?? '', visible: false }]),
    [{ expression: `SUM([${ids.join(', ')}])`, label }],
  ];
}

const COLOUR = '#d62728';
const above = (value: number, label: string) => ({ value, label, color: COLOUR, fill: 'above' });
const below = (value: number, label: string) => ({ value, label, color: COLOUR, fill: 'below' });

interface Widget {
  readonly type: string;
  readonly properties: object;
}

/** Widgets beside each other, each with its width; 24 units are the whole width. */
function row(y: number, height: number, widgets: readonly (readonly [width: number, widget: Widget])[]) {
  let x = 0;
  return widgets.map(([width, widget]) => {
    const placed = { ...widget, x, y, width, height };
    x += width;
    return placed;
  });
}
