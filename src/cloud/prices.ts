import { type _InstanceType, DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Where the price list answers (https://docs.aws.amazon.com/general/latest/gr/billing.html); it is the same everywhere. */
const PRICE_LIST_REGION = 'us-east-1';

/** A question to AWS's price list. */
export interface ProductQuery {
  /** AWS's code of the service, such as `AmazonEC2`. */
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** AWS's price list, asked with an account's credentials. A question is a second's wait in a preview, so it is not asked for long. */
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

/** What a spot machine costs an hour now, in the dearest zone of the account's region. */
export async function spotPrice(account: Account, type: string): Promise<number | undefined> {
  const now = account.clock.now();
  const answer = await client(account, EC2Client).send(
    new DescribeSpotPriceHistoryCommand({
      InstanceTypes: [type as _InstanceType],
      ProductDescriptions: ['Linux/UNIX'],
      // From now on back: one entry a zone, the one in force.
      StartTime: now,
      EndTime: now,
    }),
  );
  const prices = (answer.SpotPriceHistory ?? [])
    .map(({ SpotPrice }) => Number(SpotPrice))
    .filter(Number.isFinite);
  return prices.length ? Math.max(...prices) : undefined;
}
