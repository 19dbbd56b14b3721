import { describe, expect, it } from 'vitest';
import { parseTicks, shares } from './cpu-shares.js';

const at = (line: string) => parseTicks(`cpu  ${line} 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n`);

describe('use of processor time between two samples', () => {
  it('is split by its consumers', () => {
    const from = at('100 10 40 500 20 0 5 7');
    const to = at('140 10 55 530 20 0 10 17');
    expect(shares(from, to)).toEqual({ busy: 0.6, taken: 0.1 });
  });

  it('is undefined if no time has passed, or a sample is missing', () => {
    const now = at('100 10 40 500 20 0 5 7');
    expect(shares(now, now)).toBeUndefined();
    expect(shares(undefined, now)).toBeUndefined();
  });
});
