import {
  type Article,
  completed,
  type Price,
  type PriceBook,
  type Source,
} from '../capacity/prices/price.js';
import { egressQuery, firstPaid, type Query, queryFor, tiersIn } from '../capacity/prices/price-list.js';
import { snapshot } from '../capacity/prices/snapshot.js';
import type { Account } from '../cloud/account.js';
import { priceList, spotPrice } from '../cloud/prices.js';

/** Prices and their source. */
export interface Prices {
  readonly book: PriceBook;
  /**
   * `live`: from AWS's price list, with the snapshot for missing prices. `snapshot`: AWS was not asked or did not
   * answer.
   */
  readonly from: 'live' | 'snapshot';
  /** Why the snapshot is used, a sentence; unset if it was requested, or not used. */
  readonly because?: string;
}

/**
 * The prices of articles in a region. Without an account, a network or the permission, the snapshot is used, which
 * has fewer prices.
 */
export async function pricesOf(
  region: string,
  articles: readonly Article[],
  account?: Account,
): Promise<Prices> {
  const shipped = snapshot(region);
  if (!account) return { book: shipped, from: 'snapshot' };
  if (account.lacks.includes('price list')) {
    return { book: shipped, from: 'snapshot', because: 'This cloud has no price list API.' };
  }
  try {
    return { book: completed(await live(region, articles, account), shipped), from: 'live' };
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    return { book: shipped, from: 'snapshot', because: `AWS’s price list did not answer: ${why}` };
  }
}

async function live(region: string, articles: readonly Article[], account: Account): Promise<PriceBook> {
  const ask = priceList(account);
  const read = account.clock.now().toISOString().slice(0, 10);
  const tiers = async (query: Query) =>
    tiersIn(await ask({ service: query.service, attributes: query.attributes }), query);
  const listed = async (article: Article): Promise<[Article, Price] | undefined> => {
    const query = queryFor(article);
    if (!query) return spot(article);
    const found = await tiers({ ...query, attributes: { regionCode: region, ...query.attributes } });
    const usd = found && firstPaid(found);
    return usd === undefined ? undefined : [article, { usd, source: listOf(query.service, region, read) }];
  };
  const spot = async (article: Article): Promise<[Article, Price] | undefined> => {
    const usd = await spotPrice(account, article.slice('spot machine '.length));
    const source = { address: `https://aws.amazon.com/ec2/spot/pricing/`, read };
    return usd === undefined ? undefined : [article, { usd, source }];
  };
  const outward = egressQuery(region);
  const [prices, egress] = await Promise.all([Promise.all(articles.map(listed)), tiers(outward)]);
  return {
    region,
    prices: new Map(prices.filter((found) => found !== undefined)),
    ...(egress && { egress: { tiers: egress, source: listOf(outward.service, region, read) } }),
    missing: `Neither AWS’s price list nor a public source with a known date names this price for ${region}.`,
  };
}

/** The public price list file with the same content as the API. */
const listOf = (service: string, region: string, read: string): Source => ({
  address: `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${service}/current/${region}/index.json`,
  read,
});
