import { expect, it } from 'vitest';
import { nextTime } from './when.js';

it('finds the next time of day, today or tomorrow', () => {
  const now = new Date(2026, 11, 2, 22, 30);
  expect(nextTime('23:05', now)).toEqual(new Date(2026, 11, 2, 23, 5));
  expect(nextTime('3:00', now)).toEqual(new Date(2026, 11, 3, 3, 0));
  expect(nextTime('22:30', now)).toEqual(new Date(2026, 11, 3, 22, 30));
});

it.each(['', '25:00', '3', '03:60', 'night'])('refuses %j', (text) => {
  expect(() => nextTime(text, new Date())).toThrow(/is not a time of day/);
});
