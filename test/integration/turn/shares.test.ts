import { beforeAll, describe, expect, it } from 'vitest';
import { PORTS } from '../../../src/contract/ports.js';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Login } from './participant.js';
import type { Answers, Plan } from './shares-script.js';

async function answersOf(access: 'open' | 'members', people: Omit<Plan, 'edge' | 'room'>): Promise<Answers> {
  const plan: Plan = { ...people, edge: PORTS.turn, room: 'town' };
  const program = './test/integration/turn/shares-script.ts';
  return answersIn(await inShard(sampleFacts({ spec: { turn: true, access } }), { program, plan }));
}

const { domain } = sampleFacts().spec;
const token = (id: string) =>
  signToken({ domain, room: 'town', id, moderator: false }, sampleFacts().passwords.tokens, {
    now: new Date(),
    expires: new Date(Date.now() + 3_600_000),
  });

const cases = [
  {
    access: 'open',
    of: 'network',
    crowdSize: 120,
    share: 480,
    login: async (who: string): Promise<Login> => ({
      domain,
      address: who === 'crowd' ? '198.51.100.7' : '203.0.113.9',
    }),
  },
  {
    access: 'members',
    of: 'invitation',
    crowdSize: 30,
    share: 96,
    login: async (who: string): Promise<Login> => ({
      domain,
      address: '198.51.100.7',
      query: { room: 'town', token: await token(who) },
    }),
  },
] as const;

describe.each(cases)('relays of one $of', ({ access, crowdSize, share, login }) => {
  let answers: Answers;

  beforeAll(async () => {
    answers = await answersOf(access, {
      crowd: await login('crowd'),
      crowdSize,
      other: await login('other'),
    });
  });

  it(`are available for all of ${crowdSize} participants within the same second`, () => {
    expect(answers.crowdServed).toBe(crowdSize);
  });

  it(`are limited to ${share}, with any number of logins`, () => {
    expect(answers.taken).toBe(share);
    expect(answers.takenByReturning).toBe(0);
  });

  it('leave relays for other participants', () => {
    expect(answers.other).toBe(0);
  });

  it('are free again once their connections are closed', () => {
    expect(answers.afterwards).toBe(0);
  });

  it('are allocated with the credentials that a participant is told at login', () => {
    expect(answers.announced).toBe(0);
  });

  it('are counted per session, regardless of how it received its credentials', () => {
    const { announced, asked, entering, askedAgain } = answers.names;
    expect(asked).toMatch(/^[0-9a-f]{16}$/);
    expect(announced).toBe(asked);
    expect(entering).toBe(asked);
    expect(askedAgain).toBe(asked);
  });
});
