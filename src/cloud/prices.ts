import { type _InstanceType, DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import type { Account } from './account.js';
import { client } from './clients.js';

/**
 * Region of the Price List API (https://docs.aws.amazon.com/general/latest/gr/billing.html), which covers all
 * regions.
 */
const PRICE_LIST_REGION = 'us-east-1';

/** A query of AWS's price list. */
export interface ProductQuery {
  /** AWS's code of the service, such as `AmazonEC2`. */
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** AWS's price list, queried with an account's credentials. Timeouts are short, because `preview` waits for it. */
export function priceList(account: Account): (query: ProductQuery) => Promise<string[]> {
  const pricing = new PricingClient({
    region: PRICE_LIST_REGION,
    credentials: account.credentials,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
  });
  return async ({ service, attributes }) => {
    const found: string[] = [];
    const Filters = Object.entries(attributes).map(([Field, Value]) => ({
      Type: 'TERM_MATCH' as const,
      Field,
      Value,
    }));
    for await (const page of paginateGetProducts({ client: pricing }, { ServiceCode: service, Filters })) {
      found.push(...(page.PriceList ?? []).map(String));
    }
    return found;
  };
}

/** The current hourly price of a spot instance, in the most expensive zone of the region. */
export async function spotPrice(account: Account, type: string): Promise<number | undefined> {
  const now = account.clock.now();
  const answer = await client(account, EC2Client).send(
    new DescribeSpotPriceHistoryCommand({
      InstanceTypes: [type as _InstanceType],
      ProductDescriptions: ['Linux/UNIX'],
      // Returns one entry per zone, the current one.
      StartTime: now,
      EndTime: now,
    }),
  );
  const prices = (answer.SpotPriceHistory ?? [])
    .map(({ SpotPrice }) => Number(SpotPrice))
    .filter(Number.isFinite);
  return prices.length ? Math.max(...prices) : undefined;
}
