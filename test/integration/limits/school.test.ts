import { beforeAll, describe, expect, it } from 'vitest';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { School } from './school.js';

const PUPILS = 500;
const LESSONS = 25;
const SECONDS = 30;

describe(`a school of ${PUPILS} people behind one address, who come within ${SECONDS} s`, () => {
  let school: School;

  beforeAll(async () => {
    const facts = sampleFacts({ spec: { turn: true } });
    const plan = { pupils: PUPILS, rooms: LESSONS, seconds: SECONDS };
    school = answersIn(await inShard(facts, { program: './test/integration/limits/school.ts', plan }));
    console.info(JSON.stringify(school));
  }, 300_000);

  it('is in its lessons within a minute, and nobody is refused', () => {
    expect(school.failures).toEqual({});
    expect(school.took).toBeLessThan(60_000);
  });

  it('hears what is said there, and has TURN credentials', () => {
    expect(school.heard).toBe(PUPILS);
  });

  it('lets people with other addresses in meanwhile', () => {
    expect(school.others.length).toBeGreaterThan(0);
    for (const time of school.others) expect(time).toBeLessThan(10_000);
  });
});
