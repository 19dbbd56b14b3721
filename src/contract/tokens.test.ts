import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Refusal, refusal, signToken } from './tokens.js';

const KEY = 'the key of this deployment, 43 characters…';
const NOW = new Date('2026-11-24T10:00:00Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const invited = { domain: 'meet.example.org', room: 'standup', id: 'a1', name: 'Ada', moderator: true };
const good = (changes: Partial<typeof invited> = {}, key = KEY): Promise<string> =>
  signToken({ ...invited, ...changes }, key, { now: NOW, expires: later(3600) });
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const at = (token: string | undefined, now = NOW, room: string | undefined = 'standup') =>
  refusal(token, { domain: 'meet.example.org', room }, KEY, now);

/** A token of any header and claims, signed by hand. */
function forged(header: object, body: object, key = KEY): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(body)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

describe('a token', () => {
  it('has the claims that Jitsi’s modules and client read', async () => {
    const token = await signToken({ ...invited, email: 'ada@example.org' }, KEY, {
      now: NOW,
      expires: later(60),
    });
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      alg: 'HS256',
      typ: 'JWT',
    });
    expect(claims(token)).toEqual({
      iss: 'convoke',
      aud: 'convoke',
      sub: 'meet.example.org',
      room: 'standup',
      nbf: NOW.getTime() / 1000 - 60,
      exp: NOW.getTime() / 1000 + 60,
      context: { user: { id: 'a1', name: 'Ada', email: 'ada@example.org', moderator: true } },
    });
  });

  it('opens its room until it expires', async () => {
    const token = await good();
    expect(await at(token)).toBeUndefined();
    expect(await at(token, later(3599))).toBeUndefined();
    expect(await at(token, later(3600))).toBe('expired');
  });

  it('is valid immediately on a machine whose clock is slightly behind', async () => {
    expect(await at(await good(), later(-59))).toBeUndefined();
    expect(await at(await good(), later(-61))).toBe('early');
  });

  const refused: [string, () => Promise<string | undefined>, Refusal][] = [
    ['none at all', async () => undefined, 'missing'],
    ['one for another room', () => good({ room: 'other' }), 'room'],
    ['one of another domain', () => good({ domain: 'meet.example.net' }), 'invalid'],
    ['one of another key', () => good({}, `${KEY}!`), 'invalid'],
    ['one without a signature', async () => `${(await good()).replace(/\.[^.]*$/, '')}.`, 'invalid'],
    ['one that was changed', async () => (await good()).replace('.e', '.f'), 'invalid'],
    ['no token', async () => 'hunter2', 'invalid'],
  ];
  it.each(refused)('is refused when it is %s', async (_, token, why) => {
    expect(await at(await token())).toBe(why);
  });

  it.each([
    ['alg none', { alg: 'none', typ: 'JWT' }, {}],
    ['another algorithm', { alg: 'HS512', typ: 'JWT' }, {}],
    ['no type', { alg: 'HS256' }, {}],
    ['another issuer', { alg: 'HS256', typ: 'JWT' }, { iss: 'x' }],
    ['another audience', { alg: 'HS256', typ: 'JWT' }, { aud: 'x' }],
    ['no end', { alg: 'HS256', typ: 'JWT' }, { exp: undefined }],
    ['no room', { alg: 'HS256', typ: 'JWT' }, { room: undefined }],
    ['all rooms', { alg: 'HS256', typ: 'JWT' }, { room: '*' }],
  ])('is refused with %s, however it is signed', async (_, header, changes) => {
    expect(await at(forged(header, { ...claims(await good()), ...changes }))).toBeOneOf(['invalid', 'room']);
  });
});
