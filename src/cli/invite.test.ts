import { describe, expect, it } from 'vitest';
import { duration } from './invite.js';

describe('a duration', () => {
  it.each([
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['365d', 31_536_000_000],
  ])('%s is %i ms', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  it.each(['', '2', 'h', '-1h', '1.5h', '2 h', '2w', '1h30m'])('%j is not a duration', (text) => {
    expect(() => duration(text)).toThrow(/is not a duration/);
  });
});
