import { describe, expect, it } from 'vitest';
import { costOf } from '../capacity/cost.js';
import { snapshot } from '../capacity/prices/snapshot.js';
import { parseDeployment } from '../config/load.js';
import { REGIONS } from '../config/regions.js';
import { cost, restCost, shapeIn, USUAL_MEETINGS, usageOf } from './cost.js';
import { templates } from './synthesize.js';

const file = (more = '') =>
  parseDeployment(
    `domain: meet.example.org\nregion: us-east-1\nalerts: ops@example.org\n${more}`,
    'convoke.yaml',
  );

const LARGE = `size: fleet
shards: 3
bridges: {min: 2, max: 9, spot: 50, types: [c7g.large, c6g.xlarge], schedule: [{days: mon-fri, from: "08:00", until: "18:00", min: 4}]}
`;

const small = templates(file()).deployment;
const large = templates(file(LARGE)).deployment;

describe('the billed resources of a template', () => {
  it('are one machine, a load balancer in two zones and two secrets at size solo', () => {
    expect(shapeIn(templates(file()).deployment, 'us-east-1')).toMatchObject({
      groups: [{ role: 'shard', type: 't4g.medium', min: 1, max: 1, diskGb: 12 }],
      balancers: [{ kind: 'application', zones: 2 }],
      secrets: 2,
    });
  });

  it('are shards and a mixed group of bridges at the larger sizes', () => {
    const { groups, alarms } = shapeIn(templates(file(LARGE)).deployment, 'us-east-1');
    expect(groups.filter(({ role }) => role === 'shard')).toHaveLength(3);
    expect(groups.find(({ role }) => role === 'bridge')).toMatchObject({
      type: 'c7g.large',
      min: 2,
      max: 9,
      onDemand: { base: 0, percentAbove: 50 },
      diskGb: 12,
    });
    // Those that let bridges be added look every ten seconds.
    expect(alarms.highResolution).toBe(2);
  });
});

describe('the price of a file', () => {
  it('is complete with the snapshot if it has all prices', async () => {
    const result = await cost({ deployment: file() });
    expect(result.totals.atMost.unknown).toEqual([]);
    expect(result.prices).toEqual({ from: 'snapshot' });
    // 730 × 0.0336 + 12 × 0.08 + 3 × 730 × 0.005 + 730 × 0.0225 + 2 × 0.4 + 3 alarms more than are free × 0.1
    expect(result.totals.atRest.usd).toBeCloseTo(53.963, 6);
  });

  it('includes the bridges of a schedule', async () => {
    const { items } = await cost({ deployment: file(LARGE) });
    const hours = items
      .filter(({ name }) => name.startsWith('bridges'))
      .reduce((sum, { atRest }) => sum + atRest.quantity, 0);
    expect(hours).toBeCloseTo(2 * 730 + 100 * (730 / 168), 6);
  });
});

describe.each(REGIONS)('the price of a file by the snapshot of %s', (region) => {
  it.each([
    ['solo', small],
    ['fleet', large],
  ])('is in each row, or the row has the reason why not: %s', (_, template) => {
    const shape = shapeIn(template, region);
    const { items, totals } = costOf(shape, usageOf(USUAL_MEETINGS, shape), snapshot(region));
    for (const { name, price, why, atMost } of items) {
      if (atMost.usd === undefined) expect(why, name).toContain(region);
      else expect(price?.source.read, name).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
    expect(totals.atMost.unknown).toEqual(items.filter(({ why }) => why).map(({ name }) => name));
  });
});

describe('the price at rest compared with the deployed stack', () => {
  const { deployment: larger } = templates(file('machines: {shard: t4g.large}\n'));

  it('uses the same prices for both templates', async () => {
    const { wanted, deployed, difference } = await restCost('us-east-1', larger, small);
    expect(difference).toBeCloseTo(730 * 0.0336, 6);
    expect(wanted.usd - (deployed?.usd ?? 0)).toBeCloseTo(730 * 0.0336, 6);
  });

  it('is known only if both have the same items without a price', async () => {
    const { wanted, difference } = await restCost('eu-central-1', larger, small);
    expect(wanted.unknown).not.toEqual([]);
    expect(difference).toBeCloseTo(730 * 0.0384, 6);
    const { deployment: other } = templates(file('machines: {shard: m7g.large}\n'));
    expect((await restCost('eu-central-1', other, small)).difference).toBeUndefined();
  });

  it('is not compared if nothing is deployed', async () => {
    expect((await restCost('us-east-1', small, undefined)).deployed).toBeUndefined();
  });
});
