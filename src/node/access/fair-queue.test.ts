import { expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

const drained = (queue: FairQueue<string>): string[] => {
  const item = queue.next();
  return item === undefined ? [] : [item, ...drained(queue)];
};

it('serves networks in turn, and each network in its own order', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.charAt(0), item);
  expect(queue.size).toBe(6);
  expect(queue.next()).toBe('a1');
  queue.remove('b', 'b1');
  queue.remove('c', 'c1');
  queue.remove('c', 'c1');
  queue.add('d', 'd1');
  expect(queue.size).toBe(4);
  expect(drained(queue)).toEqual(['b2', 'a2', 'd1', 'a3']);
  expect(queue.size).toBe(0);
});
