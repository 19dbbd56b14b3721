import { describe, expect, it } from 'vitest';
import { parseDeployment } from '../config/load.js';
import { cost, restCost, shapeIn } from './cost.js';
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

describe('what a template makes that is charged for', () => {
  it('is one machine, a load balancer in two zones and two secrets at size solo', () => {
    expect(shapeIn(templates(file()).deployment, 'us-east-1')).toMatchObject({
      groups: [{ role: 'shard', type: 't4g.medium', min: 1, max: 1, diskGb: 12 }],
      balancers: [{ kind: 'application', zones: 2 }],
      secrets: 2,
    });
  });

  it('is shards and a mixed group of bridges at the larger sizes', () => {
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
  it('is known in full by the snapshot where all of its prices are', async () => {
    const result = await cost({ deployment: file() });
    expect(result.totals.atMost.unknown).toEqual([]);
    expect(result.prices).toEqual({ from: 'snapshot' });
    // 730 × 0.0336 + 12 × 0.08 + 3 × 730 × 0.005 + 730 × 0.0225 + 2 × 0.4
    expect(result.totals.atRest.usd).toBeCloseTo(53.663, 6);
  });

  it('counts the bridges that a schedule orders', async () => {
    const { items } = await cost({ deployment: file(LARGE) });
    const hours = items
      .filter(({ name }) => name.startsWith('bridges'))
      .reduce((sum, { atRest }) => sum + atRest.quantity, 0);
    expect(hours).toBeCloseTo(2 * 730 + 100 * (730 / 168), 6);
  });
});

describe('the price at rest against what is deployed', () => {
  const { deployment: small } = templates(file());
  const { deployment: large } = templates(file('machines: {shard: t4g.large}\n'));

  it('is that of both templates by the same prices', async () => {
    const { wanted, deployed, difference } = await restCost('us-east-1', large, small);
    expect(difference).toBeCloseTo(730 * 0.0336, 6);
    expect(wanted.usd - (deployed?.usd ?? 0)).toBeCloseTo(730 * 0.0336, 6);
  });

  it('is known where what nobody says the price of is the same in both, and else not', async () => {
    const { wanted, difference } = await restCost('eu-central-1', large, small);
    expect(wanted.unknown).not.toEqual([]);
    expect(difference).toBeCloseTo(730 * 0.0384, 6);
    const { deployment: other } = templates(file('machines: {shard: m7g.large}\n'));
    expect((await restCost('eu-central-1', other, small)).difference).toBeUndefined();
  });

  it('has nothing to be compared with where nothing is deployed', async () => {
    expect((await restCost('us-east-1', small, undefined)).deployed).toBeUndefined();
  });
});
