import { expect, it } from 'vitest';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Memory } from './rooms.js';

/** At 4 KiB a room, which is what ended WebSocket sessions once kept, a thousand exceed the limit four times. */
const ROOMS = Number(process.env.CONVOKE_ROOMS ?? 1_000);
/**
 * KiB that Prosody may keep. Measured over 3 000 rooms: 751, mostly its caches of rosters (1024) and networks (2000), which are full by then.
 */
const KEPT = 1_000;

it(`Prosody frees the memory of ${ROOMS} rooms after they have closed`, async () => {
  const program = './test/integration/limits/rooms.ts';
  const memory = answersIn<Memory>(
    await inShard(sampleFacts(), { program, plan: { rooms: ROOMS, kept: KEPT } }),
  );
  console.info(JSON.stringify(memory));
  expect(memory.after - memory.before).toBeLessThanOrEqual(KEPT);
}, 600_000);
