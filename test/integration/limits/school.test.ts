import { beforeAll, describe, expect, it } from 'vitest';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { School } from './school.js';

const PUPILS = 500;
const LESSONS = 20;
const SECONDS = 10;

describe(`a school of ${PUPILS} pupils with one address, who arrive within ${SECONDS} s`, () => {
  let school: School;

  beforeAll(async () => {
    const facts = sampleFacts({ spec: { turn: true } });
    const plan = { pupils: PUPILS, rooms: LESSONS, seconds: SECONDS };
    school = answersIn(await inShard(facts, { program: './test/integration/limits/school.ts', plan }));
    console.info(JSON.stringify(school));
  }, 300_000);

  it('has joined its lessons within a minute, and no request was refused by a limit', () => {
    expect(Object.keys(school.failures).filter((why) => why.includes('429'))).toEqual([]);
    expect(school.took).toBeLessThan(60_000);
  });

  it('receives messages there, and has TURN credentials', () => {
    expect(school.heard).toBe(PUPILS);
  });

  it('lets participants from other networks join meanwhile', () => {
    expect(school.others.length).toBeGreaterThan(0);
    for (const time of school.others) expect(time ?? Number.POSITIVE_INFINITY).toBeLessThan(10_000);
  });
});
