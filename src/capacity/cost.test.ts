import { describe, expect, it } from 'vitest';
import { costOf } from './cost.js';
import type { Article, Price, PriceBook } from './prices/price.js';
import type { Usage } from './quantities.js';
import type { Group, Shape } from './shape.js';

const source = { address: 'https://example.org/prices', read: '2026-01-01' };
const price = (usd: number): Price => ({ usd, source });

const BOOK: PriceBook = {
  region: 'us-east-1',
  prices: new Map<Article, Price>([
    ['machine t4g.medium', price(0.0336)],
    ['machine c7g.large', price(0.0725)],
    ['spot machine c7g.large', price(0.03)],
    ['public IPv4 address', price(0.005)],
    ['application load balancer', price(0.0225)],
    ['application load balancer capacity', price(0.008)],
    ['network load balancer', price(0.0225)],
    ['network load balancer capacity', price(0.006)],
    ['disk', price(0.08)],
    ['secret', price(0.4)],
    ['custom metric', price(0.3)],
    ['metric requests', price(0.01)],
  ]),
  egress: {
    tiers: [
      { upTo: 10_240, usd: 0.09 },
      { upTo: 51_200, usd: 0.085 },
    ],
    source,
  },
  missing: 'Nobody names it.',
};

const SHARDS: Group = {
  role: 'shard',
  type: 't4g.medium',
  min: 1,
  max: 1,
  onDemand: { base: 0, percentAbove: 100 },
  hoursAMonth: 730,
  diskGb: 12,
};
const BRIDGES: Group = { ...SHARDS, role: 'bridge', type: 'c7g.large', min: 2, max: 6 };

const SOLO: Shape = {
  region: 'us-east-1',
  groups: [SHARDS],
  balancers: [{ kind: 'application', zones: 2 }],
  alarms: { standard: 0, highResolution: 0, composite: 0 },
  dashboards: 0,
  secrets: 1,
};
const TEAM: Shape = { ...SOLO, groups: [SHARDS, SHARDS, BRIDGES] };

const SIX: Usage = {
  participants: 6,
  hours: 40,
  megabits: 2.5,
  participantsPerBridge: 100,
  published: {
    shard: { own: 5, shared: 0, requestsAMinute: 1 },
    bridge: { own: 0, shared: 1, requestsAMinute: 6 },
  },
  publishedTogether: 2,
  logGb: { usual: 0.0005, most: 0.002 },
  recorders: 0,
  scheduledBridgeHours: 0,
};

const named = (cost: ReturnType<typeof costOf>, name: string) =>
  cost.items.find((item) => item.name === name);
/** A book that lacks some articles. */
const without = (...articles: readonly Article[]): PriceBook => ({
  ...BOOK,
  prices: new Map([...BOOK.prices].filter(([article]) => !articles.includes(article))),
});

describe('the bill of one machine', () => {
  const cost = costOf(SOLO, SIX, BOOK);

  it('at rest is its hours, disk, three addresses, the load balancer and the secret', () => {
    // 730 × 0.0336 + 12 × 0.08 + 3 × 730 × 0.005 + 730 × 0.0225 + 0.4
    expect(cost.totals.atRest).toEqual({ usd: expect.closeTo(53.263, 6), unknown: [] });
  });

  it('with meetings adds the traffic through the load balancer and to the internet', () => {
    // 240 participant-hours of 0.01 GB: 2.4 units; 240 × (2.5 Mbit/s = 1.125 GB + 0.01 GB) − 100 GB free.
    expect(named(cost, 'its capacity')?.withMeetings).toEqual({
      quantity: expect.closeTo(2.4, 6),
      usd: expect.closeTo(0.0192, 6),
    });
    expect(named(cost, 'data to the internet beyond 100 GB')?.withMeetings).toEqual({
      quantity: expect.closeTo(172.4, 6),
      usd: expect.closeTo(15.516, 6),
    });
    expect(cost.totals.withMeetings.usd).toBeCloseTo(68.7982, 6);
    expect(cost.totals.atMost).toEqual(cost.totals.withMeetings);
  });

  it('is divided by the hours of all participants', () => {
    expect(cost.participantHours).toBe(240);
    expect(cost.perParticipantHour?.usd).toBeCloseTo(68.7982 / 240, 8);
  });

  it('has no price per hour without meetings', () => {
    const quiet = costOf(SOLO, { ...SIX, participants: 0 }, BOOK);
    expect(quiet.perParticipantHour).toBeUndefined();
    expect(quiet.totals.withMeetings).toEqual(quiet.totals.atRest);
  });

  it('names each source of its prices once', () => {
    expect(cost.sources).toEqual([source]);
  });

  it('decreases in steps for large traffic, and is unknown beyond the last step', () => {
    // 100 people, 100 hours: 11 350 GB, of which 100 are free: 10 240 × 0.09 + 1 010 × 0.085
    const much = costOf(SOLO, { ...SIX, participants: 100, hours: 100 }, BOOK);
    expect(named(much, 'data to the internet beyond 100 GB')?.withMeetings.usd).toBeCloseTo(1007.45, 6);
    const tooMuch = costOf(SOLO, { ...SIX, participants: 1000, hours: 100 }, BOOK);
    expect(tooMuch.totals.withMeetings.unknown).toEqual(['data to the internet beyond 100 GB']);
  });
});

it('log data is charged beyond 5 GB a month', () => {
  const book = { ...BOOK, prices: new Map([...BOOK.prices, ['log data' as const, price(0.5)]]) };
  const data = named(costOf(TEAM, SIX, book), 'log data');
  // Four machines at 0.0005 GB an hour stay below it; at most eight write 0.002 GB an hour each.
  expect(data?.atRest.quantity).toBe(0);
  expect(data?.atMost).toEqual({ quantity: expect.closeTo(6.68, 6), usd: expect.closeTo(3.34, 6) });
});

describe('the bill of a group of bridges', () => {
  it('has the minimum at rest and the maximum in the last column', () => {
    const cost = costOf(TEAM, SIX, BOOK);
    const bridges = named(cost, 'bridges, c7g.large');
    expect(bridges?.atRest.usd).toBeCloseTo(2 * 730 * 0.0725, 6);
    expect(bridges?.withMeetings.usd).toBeCloseTo(2 * 730 * 0.0725, 6);
    expect(bridges?.atMost.usd).toBeCloseTo(6 * 730 * 0.0725, 6);
    // Two shards and two bridges have an address each, and the load balancer has two.
    expect(named(cost, 'public IPv4 addresses')?.atRest.quantity).toBe(6 * 730);
  });

  it('adds bridges for the hours with participants, up to the maximum', () => {
    const hours = (participants: number) =>
      named(costOf(TEAM, { ...SIX, participants }, BOOK), 'bridges, c7g.large')?.withMeetings.quantity;
    expect(hours(200)).toBe(2 * 730);
    expect(hours(201)).toBe(2 * 730 + 40);
    expect(hours(5000)).toBe(2 * 730 + 4 * 40);
  });

  it('counts scheduled bridges at rest too, and not twice with participants', () => {
    const usage = { ...SIX, participants: 400, scheduledBridgeHours: 100 };
    const bridges = named(costOf(TEAM, usage, BOOK), 'bridges, c7g.large');
    expect(bridges?.atRest.quantity).toBe(2 * 730 + 100);
    expect(bridges?.withMeetings.quantity).toBe(2 * 730 + 100);
  });

  it('lists spot machines separately, rounded in favour of on demand', () => {
    const half: Group = { ...BRIDGES, min: 3, onDemand: { base: 0, percentAbove: 50 } };
    const cost = costOf({ ...TEAM, groups: [half] }, SIX, BOOK);
    expect(named(cost, 'bridges, c7g.large')?.atRest.quantity).toBe(2 * 730);
    expect(named(cost, 'bridges, c7g.large, spot')?.atRest.usd).toBeCloseTo(730 * 0.03, 6);
  });

  it('charges metrics and their requests beyond the free tier', () => {
    const shards = Array.from({ length: 3 }, () => SHARDS);
    const cost = costOf({ ...TEAM, groups: [...shards, BRIDGES] }, SIX, BOOK);
    // 3 × 5 of the shards, one of all bridges, and two of all machines, less 10.
    expect(named(cost, 'custom metrics')?.atRest).toEqual({ quantity: 8, usd: expect.closeTo(2.4, 6) });
    // (3 × 1 + 6 × 6) × 60 × 730 a month, less a million, in thousands.
    expect(named(cost, 'metric requests')?.atMost.quantity).toBeCloseTo(708.2, 6);
    expect(named(cost, 'metric requests')?.atRest.quantity).toBe(0);
  });
});

describe('the bill of TURN', () => {
  it('is its load balancer, with two addresses, and the traffic of the participants who need it', () => {
    const shape: Shape = { ...SOLO, balancers: [...SOLO.balancers, { kind: 'network', zones: 2 }] };
    const cost = costOf(shape, SIX, BOOK);
    expect(named(cost, 'public IPv4 addresses')?.atRest.quantity).toBe(5 * 730);
    expect(named(cost, 'network load balancer, for TURN')?.atRest.usd).toBeCloseTo(730 * 0.0225, 6);
    expect(named(cost, 'capacity for TURN')?.atRest.quantity).toBe(0);
    // A twentieth of 240 participant-hours at 1.125 GB.
    expect(named(cost, 'capacity for TURN')?.withMeetings.quantity).toBeCloseTo(13.5, 6);
  });
});

describe('an item without a known price', () => {
  it('is shown as unknown, and as missing in the sum', () => {
    const cost = costOf(SOLO, SIX, without('disk'));
    expect(named(cost, 'disks, gp3')).not.toHaveProperty('price');
    expect(named(cost, 'disks, gp3')?.atRest).toEqual({ quantity: 12, usd: undefined });
    expect(cost.totals.atRest).toEqual({ usd: expect.closeTo(53.263 - 0.96, 6), unknown: ['disks, gp3'] });
    expect(cost.perParticipantHour?.unknown).toEqual(['disks, gp3']);
  });

  it('does not matter if none of it is needed', () => {
    expect(costOf(SOLO, SIX, without('custom metric')).totals.atMost.unknown).toEqual([]);
    expect(costOf(SOLO, SIX, without('application load balancer capacity')).totals.atRest.unknown).toEqual(
      [],
    );
  });

  it('can be data to the internet, if a region has no price for it', () => {
    const { egress: _, ...book } = BOOK;
    expect(costOf(SOLO, SIX, book).totals.withMeetings.unknown).toEqual([
      'data to the internet beyond 100 GB',
    ]);
  });
});
