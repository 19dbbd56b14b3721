import { z } from 'zod';
import { listRanges, type NamedRange, namedRanges, rangesInFile } from './address-ranges.js';

/** Private addresses (RFC 1918) and those shared by a provider's customers (RFC 6598). */
const PRIVATE = /^(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const SHORTEST_PREFIX = 8;

const isPrivate = (range: string): boolean =>
  PRIVATE.test(range) && Number(range.split('/')[1]) >= SHORTEST_PREFIX;

const NOT_PRIVATE =
  'is not a range of private addresses such as 10.20.0.0/16: Prometheus has to be in the network of the machines, or in one that is connected to it';

/** Who may read metrics, as the construct gets it. */
export const PrometheusAccess = z.strictObject({
  from: namedRanges.refine((from) => from.every(({ range }) => isPrivate(range)), NOT_PRIVATE),
});
export type PrometheusAccess = { readonly from: readonly NamedRange[] };

/** `prometheus` in `convoke.yaml`. */
export const PrometheusInFile = z
  .strictObject({
    from: rangesInFile(z.string().refine(isPrivate, NOT_PRIVATE)).describe(
      'Ranges of private addresses from which Prometheus reads metrics, each with a name: {monitoring: 10.20.1.0/24}.',
    ),
  })
  .describe('Metrics for Prometheus on the private addresses of machines, port 8105. Default: none.');

/** Applies the defaults of `prometheus`. */
export const prometheus = ({ from }: z.infer<typeof PrometheusInFile>): PrometheusAccess => ({
  from: listRanges(from),
});
