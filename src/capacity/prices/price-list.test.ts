import { describe, expect, it } from 'vitest';
import type { Article } from './price.js';
import { egressQuery, firstPaid, queryFor, tiersIn } from './price-list.js';

/** A product as the price list writes it, with steps of a price: where each ends, and US dollars. */
const product = (usagetype: string, ...steps: readonly (readonly [string, string])[]) =>
  JSON.stringify({
    product: { productFamily: 'x', attributes: { usagetype } },
    terms: {
      OnDemand: {
        'A.B': {
          priceDimensions: Object.fromEntries(
            steps.map(([endRange, USD], index) => [
              `A.B.${index}`,
              { unit: 'Hrs', endRange, pricePerUnit: { USD } },
            ]),
          ),
        },
      },
    },
  });

function usd(article: Article, ...documents: readonly string[]): number | undefined {
  const query = queryFor(article);
  const tiers = query && tiersIn(documents, query);
  return tiers && firstPaid(tiers);
}

describe('the price list', () => {
  it('is queried for machines by type, on demand and with shared tenancy', () => {
    expect(queryFor('machine c7g.large')?.attributes).toMatchObject({
      instanceType: 'c7g.large',
      tenancy: 'Shared',
      operatingSystem: 'Linux',
    });
    expect(usd('machine c7g.large', product('EUC1-BoxUsage:c7g.large', ['Inf', '0.0825']))).toBe(0.0825);
    expect(usd('machine c7g.large', product('EUC1-UnusedBox:c7g.large', ['Inf', '0.0825']))).toBeUndefined();
  });

  it.each(['', 'EU-', 'EUC1-', 'CAN1-'])(
    'distinguishes a load balancer from related products in %s',
    (prefix) => {
      const documents = [
        product(`${prefix}TS-LoadBalancerUsage`, ['Inf', '0.0055']),
        product(`${prefix}ReservedLCUUsage`, ['Inf', '0.02']),
        product(`${prefix}Outposts-LoadBalancerUsage`, ['Inf', '0.03']),
        product(`${prefix}LoadBalancerUsage`, ['Inf', '0.0252']),
        product(`${prefix}LCUUsage`, ['Inf', '0.008']),
      ];
      expect(usd('application load balancer', ...documents)).toBe(0.0252);
      expect(usd('application load balancer capacity', ...documents)).toBe(0.008);
    },
  );

  it('returns the first step with a price', () => {
    const metric = product('EUC1-CW:MetricMonitorUsage', ['10000', '0.3'], ['Inf', '0.02'], ['10', '0']);
    expect(usd('custom metric', metric)).toBe(0.3);
  });

  it('is converted to the displayed unit', () => {
    expect(usd('metric requests', product('CW:Requests', ['Inf', '0.00001']))).toBeCloseTo(0.01, 10);
  });

  it('has the steps of data to the internet in order', () => {
    const document = product(
      'EUC1-DataTransfer-Out-Bytes',
      ['Inf', '0.05'],
      ['10240', '0.09'],
      ['51200', '0.085'],
    );
    expect(tiersIn([document], egressQuery('eu-central-1'))).toEqual([
      { upTo: 10_240, usd: 0.09 },
      { upTo: 51_200, usd: 0.085 },
      { upTo: Number.POSITIVE_INFINITY, usd: 0.05 },
    ]);
  });

  it('is refused if it has two prices for one item, or an unknown format', () => {
    const twice = [
      product('EBS:VolumeUsage.gp3', ['Inf', '0.08']),
      product('EBS:VolumeUsage.gp3', ['Inf', '0.09']),
    ];
    expect(usd('disk', ...twice)).toBeUndefined();
    expect(usd('disk', JSON.stringify({ product: {} }))).toBeUndefined();
    expect(usd('disk')).toBeUndefined();
  });

  it('has no spot machines, whose prices vary', () => {
    expect(queryFor('spot machine c7g.large')).toBeUndefined();
  });
});
