/** What AWS charges for one unit of something in one region, and the source of that price. */
export interface Price {
  /** US dollars for one unit, without tax. */
  readonly usd: number;
  readonly source: Source;
}

/** Where a price comes from. Without a source there is no price: it is shown as unknown. */
export interface Source {
  /** Public address of the page or file that names the price. */
  readonly address: string;
  /** Day on which it was read, `YYYY-MM-DD`. */
  readonly read: string;
}

/** Everything that AWS charges by the unit. Machines are named by their instance type. */
export type Article =
  | `machine ${string}`
  | `spot machine ${string}`
  | 'public IPv4 address'
  | 'application load balancer'
  | 'application load balancer capacity'
  | 'network load balancer'
  | 'network load balancer capacity'
  | 'disk'
  | 'custom metric'
  | 'alarm'
  | 'high-resolution alarm'
  | 'composite alarm'
  | 'dashboard'
  | 'metric requests'
  | 'log data'
  | 'secret';

/** What each article is counted in, but for machines, which are counted in hours. */
const UNITS: Readonly<Record<Exclude<Article, `${string}machine ${string}`>, Unit>> = {
  'public IPv4 address': 'hour',
  'application load balancer': 'hour',
  'application load balancer capacity': 'LCU-hour',
  'network load balancer': 'hour',
  'network load balancer capacity': 'LCU-hour',
  disk: 'GB-month',
  'custom metric': 'month',
  alarm: 'month',
  'high-resolution alarm': 'month',
  'composite alarm': 'month',
  dashboard: 'month',
  'metric requests': '1000 requests',
  'log data': 'GB',
  secret: 'month',
};

export type Unit = 'hour' | 'LCU-hour' | 'GB-month' | 'GB' | 'month' | '1000 requests';

export const unitOf = (article: Article): Unit =>
  Object.hasOwn(UNITS, article) ? UNITS[article as keyof typeof UNITS] : 'hour';

/** Data transfer to the internet, in tiers: gigabytes per month, each tier with its price. */
export interface Egress {
  readonly tiers: readonly Tier[];
  readonly source: Source;
}

export interface Tier {
  /** Gigabytes of a month, from zero, up to which the price holds; `Infinity` in the last. */
  readonly upTo: number;
  readonly usd: number;
}

/** The prices of one region. */
export interface PriceBook {
  readonly region: string;
  readonly prices: ReadonlyMap<Article, Price>;
  readonly egress?: Egress;
  /** Why it does not have other prices, a sentence. */
  readonly missing: string;
}

/** One book with what the first knows, and from the second what the first does not. */
export function completed(book: PriceBook, by: PriceBook): PriceBook {
  const egress = book.egress ?? by.egress;
  return {
    region: book.region,
    prices: new Map([...by.prices, ...book.prices]),
    missing: book.missing,
    ...(egress && { egress }),
  };
}
