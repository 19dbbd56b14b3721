import { describe, expect, it } from 'vitest';
import { REGIONS } from '../../config/regions.js';
import { FOCUS_PRICES } from './focus-prices.js';
import type { Article } from './price.js';
import { SNAPSHOT_REGIONS, snapshot } from './snapshot.js';

describe.each(REGIONS)('the snapshot of %s', (region) => {
  const { prices, egress } = snapshot(region);
  const known = [...prices].map(([article, { usd, source }]) => ({ article, usd, source }));

  it('has the source and date of every price', () => {
    const sources = [...known.map(({ source }) => source), ...(egress ? [egress.source] : [])];
    for (const { address, read } of sources) {
      expect(new URL(address).protocol).toBe('https:');
      expect(read).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(Number.isNaN(Date.parse(read))).toBe(false);
    }
  });

  it('has no price that is zero or not a number', () => {
    for (const { article, usd } of known) expect(usd, article).toBeGreaterThan(0);
    for (const { usd } of egress?.tiers ?? []) expect(usd).toBeGreaterThan(0);
  });
});

describe.each(SNAPSHOT_REGIONS)('prices of the snapshot in %s', (region) => {
  const { prices, egress } = snapshot(region);

  it.each(['t4g.medium', 't3.medium', 'c7g.large', 'c7i.large'])('include the default type %s', (type) => {
    expect(prices.has(`machine ${type}`)).toBe(true);
  });

  it('double with the size of a machine', () => {
    const usd = (type: string) => prices.get(`machine ${type}`)?.usd;
    for (const [small, large] of [
      ['t4g.small', 't4g.medium'],
      ['t4g.medium', 't4g.large'],
      ['t4g.large', 't4g.xlarge'],
      ['t4g.xlarge', 't4g.2xlarge'],
      ['t3.medium', 't3.large'],
    ] as const) {
      expect(usd(large)).toBeCloseTo(2 * (usd(small) ?? 0), 6);
    }
  });

  it('are lower for spot machines', () => {
    for (const [article, { usd }] of prices) {
      if (!article.startsWith('spot ')) continue;
      expect(usd).toBeLessThan(prices.get(article.slice('spot '.length) as 'machine x')?.usd ?? 0);
    }
  });

  it('per gigabyte decrease with the amount', () => {
    const steps = egress?.tiers.map(({ usd }) => usd) ?? [];
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
  });
});

it('a region that nobody has written down has what is the same everywhere, and no more', () => {
  expect([...snapshot('mx-central-1').prices.keys()]).toEqual(['public IPv4 address']);
  expect(snapshot('mx-central-1').egress).toBeUndefined();
});

it('has what real bills of the region say', () => {
  const { prices } = snapshot('eu-central-1');
  const usd = (article: Article) => prices.get(article)?.usd;
  expect([usd('disk'), usd('application load balancer'), usd('network load balancer capacity')]).toEqual([
    0.0952, 0.027, 0.006,
  ]);
});

it('has sources that agree where two have the same price', () => {
  for (const [region, bills] of Object.entries(FOCUS_PRICES))
    for (const [article, usd] of bills) expect(snapshot(region).prices.get(article)?.usd, article).toBe(usd);
});
