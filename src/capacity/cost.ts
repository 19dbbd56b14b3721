import { type Price, type PriceBook, type Source, type Tier, type Unit, unitOf } from './prices/price.js';
import {
  CASES,
  type Case,
  egressGb,
  FREE,
  type Quantity,
  quantities,
  sum,
  type Usage,
} from './quantities.js';
import type { Shape } from './shape.js';

/** One line of the bill. */
export interface Item extends Readonly<Record<Case, Amount>> {
  readonly name: string;
  readonly unit: Unit;
  readonly price?: Price;
  /** Why there is no price, or not for this quantity: a sentence. Unset if its cost is known. */
  readonly why?: string;
}

export interface Amount {
  /** What is charged for in a month, in the item's unit. */
  readonly quantity: number;
  /** US dollars a month; undefined if the price is not known. */
  readonly usd: number | undefined;
}

export interface Total {
  /** The sum of what is known. */
  readonly usd: number;
  /** Names of charged items without a known price: the sum does not include them. */
  readonly unknown: readonly string[];
}

export interface Cost {
  readonly items: readonly Item[];
  readonly totals: Readonly<Record<Case, Total>>;
  /** Hours of one participant in the meetings that are assumed. */
  readonly participantHours: number;
  /** The bill with meetings, divided by `participantHours`; undefined without meetings. */
  readonly perParticipantHour: Total | undefined;
  /** Where the prices come from, each once. */
  readonly sources: readonly Source[];
}

/** The monthly cost of a deployment, item by item, from its resources, its usage and AWS's prices. */
export function costOf(shape: Shape, usage: Usage, book: PriceBook): Cost {
  const all = [...quantities(shape, usage).map((quantity) => priced(quantity, book)), egress(usage, book)];
  const items = all.filter((item) => CASES.some((which) => item[which].quantity > 0));
  const totals = {
    atRest: total(items, 'atRest'),
    withMeetings: total(items, 'withMeetings'),
    atMost: total(items, 'atMost'),
  };
  const participantHours = usage.participants * usage.hours;
  const { usd, unknown } = totals.withMeetings;
  return {
    items,
    totals,
    participantHours,
    perParticipantHour: participantHours > 0 ? { usd: usd / participantHours, unknown } : undefined,
    sources: sources(items),
  };
}

function priced({ name, article, of }: Quantity, book: PriceBook): Item {
  const price = book.prices.get(article);
  const amount = (which: Case): Amount => ({
    quantity: of[which],
    usd: of[which] === 0 ? 0 : price && of[which] * price.usd,
  });
  return {
    name,
    unit: unitOf(article),
    ...(price ? { price } : { why: book.missing }),
    atRest: amount('atRest'),
    withMeetings: amount('withMeetings'),
    atMost: amount('atMost'),
  };
}

/** The price of gigabytes to the internet, beyond the free ones; undefined if it is not known. */
export const egressCost = (gb: number, { egress: known }: PriceBook): number | undefined =>
  gb === 0 ? 0 : known && stepped(gb, known.tiers);

/** Its price falls in steps with the quantity; the first one is shown. */
function egress(usage: Usage, book: PriceBook): Item {
  const { egress: known, missing } = book;
  const quantity = Math.max(0, egressGb(usage) - FREE.egressGb);
  const busy = { quantity, usd: egressCost(quantity, book) };
  const first = known?.tiers[0];
  return {
    name: `data to the internet beyond ${FREE.egressGb} GB`,
    unit: 'GB',
    ...(known && first && { price: { usd: first.usd, source: known.source } }),
    ...(busy.usd === undefined && { why: missing }),
    atRest: { quantity: 0, usd: 0 },
    withMeetings: busy,
    atMost: busy,
  };
}

/** Undefined if the quantity exceeds the last known tier. */
function stepped(quantity: number, tiers: readonly Tier[]): number | undefined {
  let usd = 0;
  let below = 0;
  for (const tier of tiers) {
    usd += Math.max(0, Math.min(quantity, tier.upTo) - below) * tier.usd;
    below = tier.upTo;
  }
  return quantity <= below ? usd : undefined;
}

function total(items: readonly Item[], which: Case): Total {
  return {
    usd: sum(items, (item) => item[which].usd ?? 0),
    unknown: items.filter((item) => item[which].usd === undefined).map(({ name }) => name),
  };
}

/**
 * Difference of two monthly costs at rest, in US dollars; undefined if they differ in an item without a known price.
 */
export function differenceAtRest(now: Cost, before: Cost): number | undefined {
  const names = new Set([...now.items, ...before.items].map(({ name }) => name));
  const amountIn = (cost: Cost, name: string): Amount =>
    cost.items.find((item) => item.name === name)?.atRest ?? { quantity: 0, usd: 0 };
  let difference = 0;
  for (const name of names) {
    const [one, other] = [amountIn(now, name), amountIn(before, name)];
    if (one.quantity === other.quantity) continue;
    if (one.usd === undefined || other.usd === undefined) return undefined;
    difference += one.usd - other.usd;
  }
  return difference;
}

function sources(items: readonly Item[]): Source[] {
  const found = new Map(items.flatMap(({ price }) => (price ? [[price.source.address, price.source]] : [])));
  return [...found.values()];
}
