import { beforeAll, describe, expect, it } from 'vitest';
import { MeetingSettings } from '../../../src/contract/meetings.js';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Plan } from './lobby.js';

describe.each(['members', 'open'] as const)('a meeting with "lobby: on" and access "%s"', (access) => {
  let seen: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const facts = sampleFacts({ spec: { access, meetings: MeetingSettings.parse({ lobby: 'on' }) } });
    const { domain } = facts.spec;
    const now = new Date();
    const visit = async (room: string, moderator: boolean) => ({
      domain,
      room,
      token:
        access === 'open'
          ? null
          : await signToken({ domain, room, id: room, moderator }, facts.passwords.tokens, {
              now,
              expires: new Date(now.getTime() + 3_600_000),
            }),
    });
    const output = await inShard(facts, {
      program: './test/integration/access/lobby.ts',
      plan: {
        host: await visit('hall', true),
        guest: await visit('hall', false),
        probe: await visit('convoke-probe-0123456789ab', true),
      } satisfies Plan,
    });
    seen = answersIn(output);
  }, 300_000);

  it('holds others once somebody is in it who can let them in, and lets in who is admitted', () => {
    if (access === 'open') expect(seen).toMatchObject({ first: 'in', second: 'lobby', admitted: 'in' });
    else
      expect(seen).toMatchObject({ early: 'in', host: 'in, as moderator', guest: 'lobby', admitted: 'in' });
  });

  it.skipIf(access === 'open')('lets moderators pass, also if only guests are in it', () => {
    expect(seen).toMatchObject({ otherHost: 'in, as moderator', hostAgain: 'in, as moderator' });
  });

  it.skipIf(access === 'open')('has no lobby any more once a moderator has switched it off', () => {
    expect(seen).toMatchObject({ hostAfterwards: 'in, as moderator', switchedOff: 'in' });
  });

  it.skipIf(access === 'open')('has a lobby again the next time', () => {
    expect(seen).toMatchObject({ nextHost: 'in, as moderator', nextGuest: 'lobby' });
  });

  it('has none if it is a probe of convoke', () => {
    expect(seen.probe).toMatch(/^in/);
  });
});
