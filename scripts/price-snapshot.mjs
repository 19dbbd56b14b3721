// Writes src/capacity/prices/focus-prices.ts: AWS's list prices in the sample of real bills that the FinOps Foundation
// publishes under CC BY 4.0. Bills name the price, the region and, in words, what was sold.
//
//   node scripts/price-snapshot.mjs [FILE [OUTPUT]]
//   npm run format
//
// FILE: the sample, if it was downloaded before.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const COMMIT = 'adbdd17a132984d6e8583c149c236d2199c3f5bc';
const SAMPLE = 'FOCUS-1.0/focus_sample.csv';
const REPOSITORY = 'FinOps-Open-Cost-and-Usage-Spec/FOCUS-Sample-Data';

/** How a bill describes what convoke prices, and how many of the bill's units make one of convoke's. */
const ARTICLES = [
  ['public IPv4 address', /per In-use public IPv4 address per hour/],
  ['application load balancer', /per Application LoadBalancer-hour/],
  ['application load balancer capacity', /per used Application load balancer capacity unit-hour/],
  ['network load balancer', /per Network LoadBalancer-hour/],
  ['network load balancer capacity', /per used Network load balancer capacity unit-hour/],
  ['disk', /per GB-month of General Purpose \(gp3\) provisioned storage/],
  ['custom metric', /per metric-month for the first 10,000 metrics/],
  ['alarm', /per alarm metric month \(standard resolution\)/],
  ['high-resolution alarm', /per alarm metric month \(high resolution\)/],
  ['metric requests', /\$0\.01 per 1,000 requests$/, 1000],
  ['secret', /per Secret/],
];

const [file, output = 'src/capacity/prices/focus-prices.ts'] = process.argv.slice(2);
const text = file ? readFileSync(file, 'utf8') : await download();
const found = pricesIn(parse(text, { columns: true }));
writeFileSync(output, source(found));
console.log(`${[...found.values()].flatMap((prices) => [...prices]).length} prices in ${found.size} regions`);

async function download() {
  const answer = await fetch(`https://raw.githubusercontent.com/${REPOSITORY}/${COMMIT}/${SAMPLE}`);
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}`);
  return answer.text();
}

/** Throws if a bill names two prices for the same thing. */
function pricesIn(bills) {
  const regions = new Map();
  for (const { ProviderName, ChargeCategory, ChargeDescription, ListUnitPrice, RegionId } of bills) {
    if (ProviderName !== 'AWS' || ChargeCategory !== 'Usage') continue;
    const [article, , units = 1] = ARTICLES.find(([, words]) => words.test(ChargeDescription)) ?? [];
    const usd = Number((Number(ListUnitPrice) * units).toPrecision(6));
    if (!article || !(usd > 0)) continue;
    const prices = regions.get(RegionId) ?? new Map();
    if ((prices.get(article) ?? usd) !== usd)
      throw new Error(`${article} in ${RegionId} costs ${prices.get(article)} and ${usd}`);
    regions.set(RegionId, prices.set(article, usd));
  }
  return regions;
}

function source(regions) {
  const entries = [...regions].sort().map(([region, prices]) => {
    const lines = [...prices].sort().map(([article, usd]) => `    ['${article}', ${usd}],\n`);
    return `  '${region}': [\n${lines.join('')}  ],\n`;
  });
  return `// Written by scripts/price-snapshot.mjs.
import type { Article } from './price.js';

export const FOCUS_ADDRESS =
  'https://github.com/${REPOSITORY}/blob/${COMMIT}/${SAMPLE}';

/** List prices of September 2024, by region, from the FOCUS sample data of the FinOps Foundation (CC BY 4.0). */
export const FOCUS_PRICES: Readonly<Record<string, readonly (readonly [Article, number])[]>> = {
${entries.join('')}};
`;
}
