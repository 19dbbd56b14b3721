import { describe, expect, it } from 'vitest';
import { growing } from './sight.js';

const video = (id: string, framesDecoded: number) => ({ id, framesDecoded });

describe('a video is live', () => {
  it('when more of it was decoded than a moment before', () => {
    expect(growing([video('a', 10), video('b', 5)], [video('a', 12), video('b', 5)])).toEqual([
      video('a', 12),
    ]);
  });

  it('only from its second look on: what was decoded before somebody froze is no sign of life', () => {
    expect(growing([], [video('a', 100)])).toEqual([]);
  });
});
