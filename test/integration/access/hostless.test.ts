import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Hostless, Plan } from './hostless.js';

const facts = sampleFacts({
  spec: {
    access: 'hosts',
    login: {
      issuer: 'https://id.test',
      client: 'meet',
      allow: 'everyone',
      session: '12h',
      hostless: '1m',
      secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:login',
    },
  },
});
const { domain } = facts.spec;

/** So that the test does not take minutes. */
const SHORTER = `
grep -q 'convoke_hostless = 60$' /etc/prosody/prosody.cfg.lua
sed -i 's/convoke_hostless = 60$/convoke_hostless = 2/' /etc/prosody/prosody.cfg.lua
`;

describe('a meeting with "hostless"', () => {
  let seen: Hostless;
  beforeAll(async () => {
    const now = new Date();
    const token = (room: string, moderator: boolean) =>
      signToken(
        { domain, room, id: 'a', moderator, ...(!moderator && { needsHost: true }) },
        facts.passwords.tokens,
        { now, expires: new Date(now.getTime() + 3_600_000) },
      );
    const rooms = ['left', 'later', 'returned', 'breakout'].map(
      async (room) => [room, { host: await token(room, true), guest: await token(room, false) }] as const,
    );
    seen = answersIn(
      await inShard(facts, {
        program: './test/integration/access/hostless.ts',
        plan: { domain, tokens: Object.fromEntries(await Promise.all(rooms)) } satisfies Plan,
        before: SHORTER,
      }),
    );
  }, 300_000);

  it('tells in the chat that its last host has left, ends after that time, and says why', () => {
    expect(seen.warning).toBe(
      'No host is in this meeting any more. It ends in a minute, unless a host returns.',
    );
    expect(seen.reason).toBe('The meeting has ended, because no host was in it for a minute.');
  });

  it('is not opened again by its guests', () => {
    expect(seen.afterwards).toBe(403);
  });

  it('goes on if a host returns, or is in one of its breakout rooms', () => {
    expect(seen.going).toEqual({ returned: true, breakout: true });
    expect(seen.leftBreakout).toMatch(/no host was in it/);
  });
});
