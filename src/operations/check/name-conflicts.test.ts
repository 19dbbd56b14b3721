import { describe, expect, it } from 'vitest';
import { helpful } from '../../../test/sample-check.js';
import { judgeNames } from './name-conflicts.js';

describe('names', () => {
  const free = { name: 'meet', stack: undefined, bootstrap: false, bucket: 'free' } as const;
  const own = { status: 'UPDATE_COMPLETE', ours: true } as const;
  it.each([
    ['free', free, 'fine'],
    ['its own', { ...free, stack: own, bootstrap: true, bucket: 'own' }, 'fine'],
    [
      'its own, after an update taken back',
      { ...free, stack: { ...own, status: 'UPDATE_ROLLBACK_COMPLETE' }, bootstrap: true, bucket: 'own' },
      'fine',
    ],
    ['another’s stack', { ...free, stack: { status: 'CREATE_COMPLETE', ours: false } }, 'wrong'],
    ['another’s bucket', { ...free, bucket: 'others' }, 'wrong'],
    [
      'left by an attempt that failed',
      { ...free, stack: { ...own, status: 'ROLLBACK_COMPLETE' }, bootstrap: true, bucket: 'own' },
      'fine',
    ],
    ['a bucket left alone', { ...free, bucket: 'own' }, 'wrong'],
  ] as const)('%s', (_, facts, state) => {
    const found = judgeNames(facts);
    expect(found.state).toBe(state);
    expect(helpful([found])).toBe(true);
  });
});
