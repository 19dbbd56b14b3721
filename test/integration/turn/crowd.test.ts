import { expect, it } from 'vitest';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Crowd } from './crowd.js';

it('an edge whose connections for TURN are used up by a stranger serves meetings', async () => {
  const program = './test/integration/turn/crowd.ts';
  const crowd = answersIn<Crowd>(
    await inShard(sampleFacts({ spec: { turn: true } }), { program, plan: null }),
  );
  console.info(JSON.stringify(crowd));
  expect(crowd.opened).toBeGreaterThan(1_400);
  expect(crowd.page).toEqual([200, 200, 200, 200, 200]);
}, 120_000);
