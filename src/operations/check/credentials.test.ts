import { describe, expect, it } from 'vitest';
import { summaries } from '../../../test/sample-check.js';
import { judgeCaller } from './credentials.js';

describe('the caller', () => {
  const arn = 'arn:aws:iam::123456789012:user/convoke/convoke-meet-deployer-eu-central-1';
  it.each([
    [0.4, 'fine: as AWS’s'],
    [-90, 'fine: 90 s behind AWS’s'],
    [301, 'wrong: this machine’s clock is 301 s ahead of AWS’s; AWS allows five minutes'],
    [undefined, 'unknown: AWS did not return its time'],
  ])('with a clock off by %s seconds', (skew, said) => {
    const found = judgeCaller({ account: '123456789012', arn, ...(skew !== undefined && { skew }) });
    expect(summaries(found)).toEqual([
      'fine: account 123456789012, as user/convoke/convoke-meet-deployer-eu-central-1',
      said,
    ]);
  });
});
