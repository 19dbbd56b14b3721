import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FREE_ON_DASHBOARD } from '../capacity/quantities.js';
import { METRICS, METRICS_NAMESPACE } from '../contract/metrics.js';
import { shardNames } from '../contract/names.js';
import { type DashboardFacts, dashboardBody } from './dashboard-body.js';

/*
 * What "Dashboard Body Structure and Syntax" of the CloudWatch API reference allows, as far as the dashboard uses it.
 * Strict: a field that is not in the reference fails.
 */
const colour = z.string().regex(/^#[0-9a-f]{6}$/);
const axis = z.strictObject({ min: z.number().optional(), max: z.number().optional() });
const period = z.int().positive().multipleOf(60);
const stat = z.enum(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']);
const rendering = z.strictObject({
  label: z.string().optional(),
  stat: stat.optional(),
  period: period.optional(),
  yAxis: z.enum(['left', 'right']).optional(),
  id: z
    .string()
    .regex(/^[a-z]\w*$/)
    .optional(),
  visible: z.boolean().optional(),
});
const metric = z
  .tuple([z.string(), z.string()], z.union([z.string(), rendering]))
  .refine(
    (parts) => parts.filter((part) => typeof part === 'string').length % 2 === 0,
    'has half a dimension',
  );
const expression = z.tuple([
  z.strictObject({ expression: z.string(), label: z.string(), id: z.string().optional() }),
]);
const metrics = z.array(z.union([expression, metric])).max(500);
const metricProperties = z
  .strictObject({
    title: z.string(),
    region: z.string(),
    metrics,
    period,
    stat: stat.optional(),
    view: z.enum(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table']),
    stacked: z.boolean().optional(),
    sparkline: z.boolean().optional(),
    yAxis: z.strictObject({ left: axis.optional(), right: axis.optional() }).optional(),
    annotations: z
      .strictObject({
        horizontal: z.array(
          z.strictObject({
            value: z.number(),
            label: z.string(),
            color: colour,
            fill: z.enum(['above', 'below', 'none']),
          }),
        ),
      })
      .optional(),
  })
  .refine(
    ({ view, yAxis }) => view !== 'gauge' || (yAxis?.left?.min !== undefined && yAxis.left.max !== undefined),
    'is a gauge without minimum and maximum',
  );
const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};
const Body = z.strictObject({
  start: z.string().regex(/^-PT?\d+[HDWM]$/),
  periodOverride: z.enum(['auto', 'inherit']),
  widgets: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('metric'), ...place, properties: metricProperties }),
        z.strictObject({
          type: z.literal('alarm'),
          ...place,
          properties: z.strictObject({
            title: z.string(),
            alarms: z.array(z.string().startsWith('arn:')).min(1).max(100),
            sortBy: z.enum(['default', 'stateUpdatedTimestamp', 'timestamp']),
          }),
        }),
      ]),
    )
    .max(500),
});

const facts = (shards: number, bridges = true): DashboardFacts => ({
  deployment: 'meet',
  region: 'eu-central-1',
  shards: shardNames(shards),
  ...(bridges && { bridges: { group: 'convoke-meet-bridges', max: 100 } }),
  balancer: 'app/convoke-meet/1',
  targetGroup: 'targetgroup/convoke-meet/2',
  alarms: ['arn:aws:cloudwatch:eu-central-1:123456789012:alarm:convoke-meet-alert-no-shard'],
});
const SIZES: [string, DashboardFacts][] = [
  ['solo', facts(1, false)],
  ['a team', facts(2)],
  ['the largest fleet', facts(8)],
];

describe.each(SIZES)('the dashboard of %s', (_, of) => {
  const body = Body.parse(dashboardBody(of));
  const shown = body.widgets.flatMap(({ properties }) => ('metrics' in properties ? properties.metrics : []));

  it('is free of charge: it has at most 50 metrics', () => {
    expect(shown.filter(([first]) => typeof first === 'string').length).toBeLessThanOrEqual(
      FREE_ON_DASHBOARD,
    );
  });

  it('fits on one screen, without gaps or overlaps', () => {
    const cells = body.widgets.flatMap(({ x, y, width, height }) =>
      Array.from(
        { length: width * height },
        (_, cell) => `${x + (cell % width)}/${y + Math.floor(cell / width)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.length).toBe(24 * 15);
  });

  it('reads metrics under names and dimensions with which machines publish them', () => {
    const own = shown.filter(([namespace]) => namespace === METRICS_NAMESPACE);
    const dimensions = ['Deployment', 'Deployment/Shard', 'Deployment/Role'];
    for (const [, name, ...rest] of own) {
      expect(Object.values(METRICS)).toContain(name);
      const keys = rest.filter((part, index) => typeof part === 'string' && index % 2 === 0);
      expect(dimensions).toContain(keys.join('/'));
    }
  });

  it('adds up metrics that exist', () => {
    for (const { properties } of body.widgets) {
      if (!('metrics' in properties)) continue;
      const ids = properties.metrics.flatMap((parts) => {
        const last = parts.at(-1);
        return typeof last === 'object' && last.id ? [last.id] : [];
      });
      for (const [first] of properties.metrics)
        for (const used of typeof first === 'object' ? (first.expression.match(/[a-z]\w*/g) ?? []) : [])
          expect(ids).toContain(used);
    }
  });
});
