import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';

const facts = sampleFacts({ spec: { access: 'members' } });
const { domain } = facts.spec;
const ROOM = 'town%20hall';

const now = new Date();
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

function forged(header: object, changes: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(inSeconds(3600).getTime() / 1000);
  const claims = {
    iss: 'convoke',
    aud: 'convoke',
    sub: domain,
    room: ROOM,
    exp,
    context: { user: {} },
    ...changes,
  };
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', facts.passwords.tokens).update(signed).digest('base64url')}`;
}

function invitation(
  changes: { room?: string; key?: string; domain?: string; expires?: Date; moderator?: boolean } = {},
) {
  const { key = facts.passwords.tokens, expires = inSeconds(3600), ...rest } = changes;
  return signToken({ domain, room: ROOM, id: 'a', moderator: false, ...rest }, key, {
    now: expires < now ? inSeconds(-7200) : now,
    expires,
  });
}

const HS256 = { alg: 'HS256', typ: 'JWT' };

async function tokens(): Promise<Record<string, string | null>> {
  return {
    good: await invitation(),
    moderator: await invitation({ moderator: true }),
    'moderator, as text': forged(HS256, { context: { user: { id: 'a', moderator: 'true' } } }),
    'no moderator, as text': forged(HS256, { context: { user: { id: 'a', moderator: 'false' } } }),
    long: forged(HS256, { context: { user: { id: 'a', name: 'x'.repeat(5_900) } } }),
    none: null,
    empty: '',
    garbage: 'hunter2',
    expired: await invitation({ expires: inSeconds(-60) }),
    'wrong room': await invitation({ room: 'other' }),
    'wrong key': await invitation({ key: 'a key that is not the one of this deployment' }),
    'other deployment': await invitation({
      domain: 'meet.example.net',
      key: 'the key of the other deployment',
    }),
    'other domain, same key': await invitation({ domain: 'meet.example.net' }),
    'alg none': forged({ alg: 'none', typ: 'JWT' }).replace(/[^.]*$/, ''),
    'alg none, signed': forged({ alg: 'none', typ: 'JWT' }),
    'alg HS512': forged({ alg: 'HS512', typ: 'JWT' }),
    'nbf in the future': forged(HS256, { nbf: Math.floor(inSeconds(1800).getTime() / 1000) }),
    'without an end': forged(HS256, { exp: undefined }),
    'every room': forged(HS256, { room: '*' }),
  };
}

const SECRETS = `
cat /proc/[0-9]*/cmdline | tr '\\0' ' ' > /tmp/log/processes
for name in $(ls /tmp/log); do grep -qF -e '${facts.passwords.tokens}' -e 'eyJ' /tmp/log/$name && echo "LEAK $name"; done
echo "SEARCHED $(ls /tmp/log | tr '\\n' ' ')"
su -s /bin/sh www-data -c 'cat /etc/convoke/token-key' 2>&1; su -s /bin/sh convoke -c 'cat /etc/prosody/prosody.cfg.lua' 2>&1; su -s /bin/sh www-data -c 'cat /etc/prosody/prosody.cfg.lua' 2>&1
curl -s -o /dev/null -w 'PAGE WITH AGENT %{http_code}\\n' http://127.0.0.1/room
health() { curl -s -m 5 -o /dev/null -w "SHARD $1 %{http_code}\\n" http://127.0.0.1:8001/convoke/health/shard; }
frozen=$(pgrep -f '^node /opt/test/focus'); health WELL; kill -STOP $frozen; until health FROZEN | grep 500; do sleep 0.1; done; kill -CONT $frozen $focus
kill $admission; until ! curl -s -o /dev/null http://127.0.0.1:8104/; do sleep 0.05; done
health WITHOUT-AGENT
curl -s -w '\\nPAGE WITHOUT AGENT %{http_code}\\n' http://127.0.0.1/room | grep -E 'PAGE WITHOUT|title'
curl -s -o /dev/null -w 'CONFERENCE WITHOUT AGENT %{http_code}\\n' -d '{}' http://127.0.0.1/conference-request/v1
kill $frozen; while kill -0 $frozen 2>/dev/null; do sleep 0.05; done; health WITHOUT-JICOFO
`;

interface Ways {
  readonly page: number;
  readonly conference: number;
  readonly bosh: string;
  readonly websocket: string;
}
let answers: Record<string, Ways> & { conferenceOfAnotherRoom?: number; conferenceInXmpp?: string };
let output: string;
let given: Record<string, string | null>;

beforeAll(async () => {
  given = await tokens();
  const plan = { domain, room: ROOM, tokens: given };
  output = await inShard(facts, {
    program: './test/integration/access/client.ts',
    plan,
    script: SECRETS,
  });
  answers = answersIn(output);
}, 300_000);

describe('a shard for members lets in', () => {
  it('participants with an invitation to the room, over WebSocket and BOSH', () => {
    expect(answers.good).toEqual({ page: 200, conference: 200, bosh: 'in', websocket: 'in' });
  });

  it('participants with a token of 8 KB', () => {
    expect(given.long?.length).toBeGreaterThan(8_100);
    expect(given.long?.length).toBeLessThanOrEqual(8_192);
    expect(answers.long).toEqual(answers.good);
  });

  it('moderators as moderators', () => {
    expect(answers.moderator).toMatchObject({ bosh: 'in, as moderator', websocket: 'in, as moderator' });
  });

  it('participants as participants, even if the token has its claims as strings', () => {
    const ways = (name: string) => [answers[name]?.bosh, answers[name]?.websocket];
    expect(ways('moderator, as text')).toEqual(['in, as moderator', 'in, as moderator']);
    expect(ways('no moderator, as text')).toEqual(['in', 'in']);
  });
});

describe('a shard for members refuses, on every path', () => {
  it.each([
    'none',
    'empty',
    'garbage',
    'expired',
    'wrong key',
    'other deployment',
    'alg none',
    'alg none, signed',
    'alg HS512',
    'nbf in the future',
  ])('a token that is: %s', (name) => {
    expect(answers[name]).toEqual({
      page: 403,
      conference: 403,
      bosh: 'login refused',
      websocket: 'login refused',
    });
  });

  // Jitsi's Prosody module accepts it: it can only have been created with the key.
  it('a token without expiry, except in Prosody', () => {
    expect(answers['without an end']).toMatchObject({ page: 403, conference: 403 });
  });

  it.each(['wrong room', 'other domain, same key', 'every room'])('a token for another room: %s', (name) => {
    expect(answers[name]).toEqual({
      page: 403,
      conference: 403,
      bosh: 'room refused',
      websocket: 'room refused',
    });
  });

  it('a conference request for another room than that of the token', () => {
    expect(answers.conferenceOfAnotherRoom).toBe(403);
    expect(answers.conferenceInXmpp).toBe('forbidden');
  });
});

describe('the key of a shard for members', () => {
  it('appears in no process list or log, nor does a token', () => {
    expect(output).toMatch(/SEARCHED .*focus .*nginx .*processes .*prosody/);
    expect(output).not.toMatch(/LEAK/);
  });

  it('is readable only for root, Prosody and the agent', () => {
    expect(output).toContain('/etc/convoke/token-key: Permission denied');
    expect(output).toContain('/etc/prosody/prosody.cfg.lua: Permission denied');
  });
});

describe('a shard for members whose agent is down', () => {
  it('still serves the page, but opens no conference', () => {
    expect(output).toContain('PAGE WITH AGENT 403');
    expect(output).toContain('PAGE WITHOUT AGENT 200');
    expect(output).toMatch(/CONFERENCE WITHOUT AGENT 50[24]/);
  });
});

describe('the health of a shard', () => {
  it('is good while Jicofo answers, even during a restart of the agent', () => {
    expect(output).toContain('SHARD WELL 200');
    expect(output).toContain('SHARD WITHOUT-AGENT 200');
  });

  it('is bad when Jicofo hangs for seconds, and when it has stopped', () => {
    expect(output).toContain('SHARD FROZEN 500');
    expect(output).toContain('SHARD WITHOUT-JICOFO 500');
  });
});
