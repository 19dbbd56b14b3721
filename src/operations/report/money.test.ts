import { describe, expect, it } from 'vitest';
import type { Article, Price, PriceBook } from '../../capacity/prices/price.js';
import type { Group, Shape } from '../../capacity/shape.js';
import type { Figures } from './figures.js';
import { moneyOf } from './money.js';

const source = { address: 'https://example.org/prices', read: '2026-01-01' };
const price = (usd: number): Price => ({ usd, source });
const group = (role: string, type: string, min: number): Group => ({
  role,
  type,
  min,
  max: 6,
  onDemand: { base: 0, percentAbove: 100 },
  hoursAMonth: 730,
  diskGb: 0,
});
const SHAPE: Shape = {
  region: 'us-east-1',
  groups: [group('shard', 't4g.medium', 1), group('bridge', 'c7g.large', 2)],
  balancers: [],
  alarms: { standard: 0, highResolution: 0, composite: 0 },
  dashboards: 1,
  secrets: 0,
};
const BOOK: PriceBook = {
  region: 'us-east-1',
  prices: new Map<Article, Price>([
    ['machine t4g.medium', price(1)],
    ['machine c7g.large', price(10)],
    ['public IPv4 address', price(0)],
  ]),
  egress: { tiers: [{ upTo: Number.POSITIVE_INFINITY, usd: 0.1 }], source },
  missing: 'Nobody names it.',
};
const figures = (changes: Partial<Figures>): Figures => ({
  personHours: 0,
  meetingHours: 0,
  mostPeople: 0,
  mostMeetings: 0,
  bridgeHours: 0,
  sentGb: 0,
  failedMachines: 0,
  noticedMinutes: 0,
  ...changes,
});
const usdOf = (changes: Partial<Figures>, hours: number, item: RegExp) =>
  moneyOf(SHAPE, figures(changes), hours, BOOK).items.find(({ name }) => item.test(name))?.usd;

describe('money', () => {
  it('is that of the machines that always run, for the hours of the report', () => {
    expect(usdOf({}, 73, /^shards/)).toBeCloseTo(73);
    expect(usdOf({}, 73, /^bridges/)).toBeCloseTo(2 * 73 * 10);
  });

  it('includes bridges that ran beyond the minimum', () => {
    expect(usdOf({ bridgeHours: 2 * 73 + 5 }, 73, /^bridges/)).toBeCloseTo((2 * 73 + 5) * 10);
  });

  it('includes data beyond the share of the month’s free gigabytes', () => {
    expect(usdOf({ sentGb: 10 }, 73, /^data/)).toBeUndefined();
    expect(usdOf({ sentGb: 30 }, 73, /^data/)).toBeCloseTo(2);
  });

  it('says which prices are not known', () => {
    const { unknown, usd } = moneyOf(SHAPE, figures({}), 73, {
      ...BOOK,
      prices: new Map([['machine c7g.large', price(10)]]),
    });
    expect(unknown).toContain('shards, t4g.medium');
    expect(usd).toBeCloseTo(1460);
  });
});
