import { describe, expect, it } from 'vitest';
import { Refusals } from './refusals.js';

/** The seconds at which a refusal was logged, if the bridge asks every two seconds. Undefined: the shard moved. */
function logged(answer: (second: number) => string | undefined, until: number): number[] {
  const refusals = new Refusals(6_000);
  const seconds: number[] = [];
  for (let second = 0; second <= until; second += 2) {
    const why = answer(second);
    if (why === undefined) refusals.end('a');
    else if (refusals.add('a', why, second * 1_000)) seconds.push(second);
  }
  return seconds;
}

describe('a shard that refuses to move participants', () => {
  it('is not logged while its Jicofo has not yet seen that the bridge drains', () => {
    expect(logged((second) => (second < 6 ? 'not yet' : undefined), 20)).toEqual([]);
  });

  it('is logged once if the refusal lasts, and again for another reason or after a move', () => {
    expect(logged(() => 'not yet', 30)).toEqual([6]);
    expect(logged((second) => (second < 10 ? 'not yet' : 'no other bridge'), 30)).toEqual([6, 16]);
    expect(logged((second) => (second === 10 ? undefined : 'no other bridge'), 30)).toEqual([6, 18]);
  });
});
