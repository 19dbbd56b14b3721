import { describe, expect, it } from 'vitest';
import { fleet, helpful, summaries } from '../../../test/sample-check.js';
import { demands } from './demand.js';
import { judgeRoom, judgeVcpus } from './quotas.js';

const vcpus = new Map([
  ['t4g.medium', 2],
  ['c7g.xlarge', 4],
  ['c6g.large', 2],
]);

describe('the demand of a file at its most', () => {
  it('is every shard, and every bridge of the maximum, rounded in favour of machines that stay', () => {
    expect(demands(fleet)).toEqual([
      { what: 'shards', role: 'shard', types: ['t4g.medium'], onDemand: 3, spot: 0 },
      { what: 'bridges', role: 'bridge', types: ['c7g.xlarge', 'c6g.large'], onDemand: 6, spot: 5 },
    ]);
  });

  it.each([
    [
      'room for all',
      [],
      { onDemand: 32, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 32 allowed',
        'fine: 20 at most, in addition to 0 in use; 20 allowed',
      ],
    ],
    [
      'others take the room',
      [{ type: 'm7i.large', vcpus: 4, spot: false }],
      { onDemand: 32, spot: 64 },
      [
        'wrong: 30 at most, in addition to 4 in use; only 32 allowed',
        'fine: 20 at most, in addition to 0 in use; 64 allowed',
      ],
    ],
    [
      'spot has a quota of its own',
      [{ type: 'm7i.large', vcpus: 4, spot: true }],
      { onDemand: 64, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 64 allowed',
        'wrong: 20 at most, in addition to 4 in use; only 20 allowed',
      ],
    ],
    [
      'other families do not count',
      [{ type: 'g5.xlarge', vcpus: 400, spot: false }],
      { onDemand: 30, spot: 20 },
      [
        'fine: 30 at most, in addition to 0 in use; 30 allowed',
        'fine: 20 at most, in addition to 0 in use; 20 allowed',
      ],
    ],
    [
      'nobody knows',
      [],
      { onDemand: Number.NaN, spot: 20 },
      ['unknown: AWS did not return the quota', 'fine: 20 at most, in addition to 0 in use; 20 allowed'],
    ],
  ])('%s', (_, others, most, expected) => {
    const found = judgeVcpus({ demands: demands(fleet), vcpus, others, most });
    expect(summaries(found)).toEqual(expected);
    expect(helpful(found)).toBe(true);
  });

  it('is unknown for a family with its own quota', () => {
    const found = judgeVcpus({
      demands: [{ what: 'shards', role: 'shard', types: ['g5g.xlarge'], onDemand: 1, spot: 0 }],
      vcpus: new Map([['g5g.xlarge', 4]]),
      others: [],
      most: { onDemand: 5, spot: 5 },
    });
    expect(summaries(found)).toEqual([
      'unknown: g5g.xlarge counts against a separate quota of its instance family',
    ]);
  });

  it('fits a quota that it fills exactly, and not a smaller one', () => {
    expect(judgeRoom({ subject: 'VPCs', most: 5, now: 4, wanted: 1 }).state).toBe('fine');
    expect(judgeRoom({ subject: 'VPCs', most: 5, now: 5, wanted: 1 })).toMatchObject({
      state: 'wrong',
      now: expect.stringContaining('an increase to 6'),
    });
  });
});
