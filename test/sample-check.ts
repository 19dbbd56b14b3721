import type { Finding } from '../src/operations/check/finding.js';

/** State and text of each finding. */
export const summaries = (findings: readonly Finding[]) =>
  findings.map(({ state, said }) => `${state}: ${said}`);

/** Every problem says what to do. */
export const helpful = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'wrong').every(({ now }) => /^[A-Z].*\.$/s.test(now));

/** Settings with shards, bridges of two types, and spot instances. */
export const fleet = {
  machines: { architecture: 'arm64', shard: 't4g.medium' },
  shards: 3,
  bridges: { min: 2, max: 11, types: ['c7g.xlarge', 'c6g.large'], spot: 50, schedule: [], timezone: 'UTC' },
} as const;
