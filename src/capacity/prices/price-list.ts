import { z } from 'zod';
import type { Article, Tier } from './price.js';

/** Where the AWS Price List API has the price of an article. */
export interface Query {
  readonly service: string;
  /** Attributes that the product must have, exactly. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What its usage type must look like; those of a region begin with a code of its own, `EUC1-`. */
  readonly usage: RegExp;
  /** Units of the price list that make one of ours. Default: 1. */
  readonly units?: number;
}

/** A usage type, with or without the code of a region, and nothing else before it. */
const usage = (name: string) => new RegExp(`^([A-Z]{2,4}\\d?-)?${name}$`);

const BALANCER = { service: 'AWSELB' } as const;
const application = { locationType: 'AWS Region', operation: 'LoadBalancing:Application' };
const network = { locationType: 'AWS Region', operation: 'LoadBalancing:Network' };
const CLOUDWATCH = { service: 'AmazonCloudWatch' } as const;

const QUERIES: Readonly<Record<Exclude<Article, `${string}machine ${string}`>, Query>> = {
  'public IPv4 address': { service: 'AmazonVPC', attributes: {}, usage: usage('PublicIPv4:InUseAddress') },
  'application load balancer': {
    ...BALANCER,
    attributes: application,
    usage: usage('(?<!TS-)LoadBalancerUsage'),
  },
  'application load balancer capacity': { ...BALANCER, attributes: application, usage: usage('LCUUsage') },
  'network load balancer': { ...BALANCER, attributes: network, usage: usage('LoadBalancerUsage') },
  'network load balancer capacity': { ...BALANCER, attributes: network, usage: usage('LCUUsage') },
  disk: { service: 'AmazonEC2', attributes: { volumeApiName: 'gp3' }, usage: usage('EBS:VolumeUsage\\.gp3') },
  'custom metric': { ...CLOUDWATCH, attributes: {}, usage: usage('CW:MetricMonitorUsage') },
  alarm: { ...CLOUDWATCH, attributes: {}, usage: usage('CW:AlarmMonitorUsage') },
  'high-resolution alarm': { ...CLOUDWATCH, attributes: {}, usage: usage('CW:HighResAlarmMonitorUsage') },
  'composite alarm': { ...CLOUDWATCH, attributes: {}, usage: usage('CW:CompositeAlarmMonitorUsage') },
  dashboard: { ...CLOUDWATCH, attributes: {}, usage: usage('DashboardsUsageHour') },
  'metric requests': { ...CLOUDWATCH, attributes: {}, usage: usage('CW:Requests'), units: 1000 },
  'log data': { ...CLOUDWATCH, attributes: {}, usage: usage('DataProcessing-Bytes') },
  secret: { service: 'AWSSecretsManager', attributes: {}, usage: usage('AWSSecretsManager-Secrets') },
};

/** Undefined for spot machines, whose prices move and are not in the list. */
export function queryFor(article: Article): Query | undefined {
  if (article.startsWith('spot machine ')) return undefined;
  if (!article.startsWith('machine ')) return QUERIES[article as keyof typeof QUERIES];
  const instanceType = article.slice('machine '.length);
  return {
    service: 'AmazonEC2',
    attributes: {
      instanceType,
      operatingSystem: 'Linux',
      tenancy: 'Shared',
      preInstalledSw: 'NA',
      capacitystatus: 'Used',
      marketoption: 'OnDemand',
    },
    usage: usage(`BoxUsage:${instanceType.replace('.', '\\.')}`),
  };
}

/** Where the price list has data that leaves a region for the internet. */
export const egressQuery = (region: string): Query => ({
  service: 'AWSDataTransfer',
  attributes: { fromRegionCode: region, transferType: 'AWS Outbound', toLocation: 'External' },
  usage: usage('DataTransfer-Out-Bytes'),
});

const Product = z.object({
  product: z.object({ attributes: z.object({ usagetype: z.string() }) }),
  terms: z.object({
    OnDemand: z.record(
      z.string(),
      z.object({
        priceDimensions: z.record(
          z.string(),
          z.object({
            beginRange: z.string().optional(),
            endRange: z.string().optional(),
            pricePerUnit: z.object({ USD: z.string() }),
          }),
        ),
      }),
    ),
  }),
});

/**
 * The tiers of the one product that a query means, cheapest quantity first; undefined if the documents have none, or
 * several that differ: then nobody knows which.
 */
export function tiersIn(documents: readonly string[], query: Query): readonly Tier[] | undefined {
  const found = documents
    .map((document) => Product.safeParse(JSON.parse(document)))
    .flatMap(({ data }) => (data && query.usage.test(data.product.attributes.usagetype) ? [data] : []))
    .map(({ terms }) =>
      Object.values(terms.OnDemand)
        .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
        .map(({ endRange, pricePerUnit }) => ({
          upTo: endRange === undefined || endRange === 'Inf' ? Number.POSITIVE_INFINITY : Number(endRange),
          usd: Number(pricePerUnit.USD) * (query.units ?? 1),
        }))
        .sort((a, b) => a.upTo - b.upTo),
    )
    .filter((tiers) => tiers.length > 0);
  const distinct = new Set(found.map((tiers) => JSON.stringify(tiers)));
  return distinct.size === 1 ? found[0] : undefined;
}

/** The price of the first unit that costs anything. */
export const firstPaid = (tiers: readonly Tier[]): number | undefined =>
  tiers.find(({ usd }) => usd > 0)?.usd;
