import { beforeAll, describe, expect, it } from 'vitest';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Seen } from './participants.js';

let seen: Seen;
beforeAll(async () => {
  const plan = { seconds: 100 };
  seen = answersIn(
    await inShard(sampleFacts(), { program: './test/integration/silence/participants.ts', plan }),
  );
  console.info(JSON.stringify(seen));
}, 300_000);

describe('a participant who disconnects silently is removed for the others within 75 s', () => {
  it.each([
    ['network lost', 'webSocket'],
    ['network lost, by a client that cannot resume', 'withoutResumption'],
    ['network lost, over BOSH', 'bosh'],
    ['browser killed', 'killedBrowser'],
  ] as const)('%s', (_, way) => {
    expect(seen[way]).toBeGreaterThan(0);
    expect(seen[way]).toBeLessThanOrEqual(75);
  });
});

describe('a participant', () => {
  it('whose network returns within a minute resumes the session, unnoticed by the others', () => {
    expect(seen.cameBack).toEqual({ resumed: true, noticed: false });
  });

  it('stays in the meeting while the network works, even if the page sends nothing', () => {
    expect(seen.quiet).toBe(true);
  });
});
