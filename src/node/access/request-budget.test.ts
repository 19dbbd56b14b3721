import { describe, expect, it } from 'vitest';
import { Budget } from './request-budget.js';

describe('a budget', () => {
  it('lets a key spend its burst, then its rate, independently of other keys', () => {
    const budget = new Budget({ most: 10, perSecond: 2 });
    expect(budget.spend('a', 10, 0)).toBe(true);
    expect(budget.spend('a', 1, 0)).toBe(false);
    expect(budget.spend('b', 10, 0)).toBe(true);
    expect(budget.spend('a', 2, 1_000)).toBe(true);
    expect(budget.spend('a', 1, 1_000)).toBe(false);
    expect(budget.spend('a', 10, 60_000)).toBe(true);
    expect(budget.spend('a', 1, 60_000)).toBe(false);
  });

  it('stores a limited number of keys', () => {
    const budget = new Budget({ most: 1, perSecond: 0 });
    for (let n = 0; n <= 20_000; n++) budget.spend(`${n}`, 1, 0);
    expect(budget.spend('20000', 1, 0)).toBe(false);
    expect(budget.spend('0', 1, 0)).toBe(true);
  });
});
