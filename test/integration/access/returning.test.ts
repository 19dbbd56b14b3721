import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Returned } from './returning.js';

const facts = sampleFacts({ spec: { access: 'members' } });
const { domain } = facts.spec;

describe('in a deployment for members', () => {
  let returned: Returned;
  beforeAll(async () => {
    const now = new Date();
    const visit = async (moderator: boolean) => ({
      domain,
      room: 'standup',
      token: await signToken(
        { domain, room: 'standup', id: `${moderator}`, moderator },
        facts.passwords.tokens,
        {
          now,
          expires: new Date(now.getTime() + 3_600_000),
        },
      ),
    });
    const plan = { moderator: await visit(true), guest: await visit(false) };
    returned = answersIn(await inShard(facts, { program: './test/integration/access/returning.ts', plan }));
  }, 300_000);

  it('a moderator returns to a meeting that requires admission, although only guests are in it', () => {
    expect(returned).toMatchObject({ moderator: 'in, as moderator', otherGuest: 'room refused' });
  });

  it('a participant whose stream was resumed enters a breakout room', () => {
    expect(returned.resumed).toBe('in');
  });

  it('a moderator is still one after a breakout room', () => {
    expect(returned.fromBreakout).toBe('in, as moderator');
  });
});
