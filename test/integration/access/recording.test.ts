import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Recording } from './recording.js';

const KEY = 'key-of-a-stream-0123456789';

describe.each([
  ['members', 'moderators'],
  ['open', 'everyone'],
] as const)('a meeting with recorders, with access "%s", which %s may record', (access, who) => {
  let output: string;
  let seen: Recording;
  beforeAll(async () => {
    const facts = sampleFacts({ spec: { access, recording: { secret: 'recorders', who, ready: 1 } } });
    const { passwords } = facts;
    const { domain } = facts.spec;
    const now = new Date();
    const expires = new Date(now.getTime() + 3_600_000);
    const visit = async (moderator: boolean) => ({
      domain,
      room: 'standup',
      token:
        access === 'open'
          ? null
          : await signToken({ domain, room: 'standup', id: `${moderator}`, moderator }, passwords.tokens, {
              now,
              expires,
            }),
    });
    output = await inShard(facts, {
      program: './test/integration/access/recording.ts',
      plan: {
        moderator: await visit(true),
        guest: await visit(false),
        streamKey: KEY,
        passwords: { bridge: passwords.bridge, ...passwords.recorder },
      },
      script: `grep -rl ${KEY.slice(0, -1)} /tmp/log && echo LEAKED`,
    });
    seen = answersIn(output);
  }, 120_000);

  it('is recorded only at the request of participants with the right to do so', () => {
    // The fake of Jicofo that the request reaches knows no recorders.
    const { moderator, guest, outsider, recorder } = seen.requests;
    expect({ moderator, outsider, recorder }).toEqual({
      moderator: 'service-unavailable',
      outsider: 'forbidden',
      recorder: 'forbidden',
    });
    expect(guest).toBe(who === 'everyone' ? 'service-unavailable' : 'forbidden');
  });

  it('shows the buttons to guests only if everyone may', () => {
    expect(seen.buttons).toBe(who === 'everyone');
  });

  it('has a page that the recorder gets by its pass, with which it opens no meeting', () => {
    expect(seen.page).toEqual({ recorder: 200, other: access === 'open' ? 200 : 403 });
    expect(seen.request).toContain('"ready":true');
    expect(seen.unopened).toBe('room refused');
  });

  it('is entered by the recorder without an invitation, as no moderator', () => {
    expect(seen.entered).toBe('in');
  });

  it('has a hidden host at which only the recorder can log in', () => {
    expect(seen.logins).toEqual({ wrong: 'failure', anonymous: 'failure' });
  });

  it('cannot be entered with the account by which recorders announce themselves, which has a room of its own', () => {
    expect(seen.rooms).toEqual({
      own: 'joined',
      bridges: 'forbidden',
      meeting: 'forbidden',
      recorders: 'forbidden',
    });
    expect(seen.guestInBrewery).toBe(false);
  });

  it('has no key of a stream in any log', () => {
    expect(output).not.toContain('LEAKED');
  });
});
