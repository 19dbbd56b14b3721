import { describe, expect, it } from 'vitest';
import { admit } from './admission.js';
import { signToken } from './tokens.js';

const NOW = new Date('2026-11-24T10:00:00Z');
const admission = {
  domain: 'meet.example.org',
  key: 'the key',
  page: { title: 'Town <Hall>', privacy: 'https://example.org/p' },
};
const token = (room = 'my%20room') =>
  signToken({ domain: admission.domain, room, id: 'a', moderator: false }, admission.key, {
    now: NOW,
    expires: new Date(NOW.getTime() + 60_000),
  });

const page = (url: string, now = NOW) => admit({ method: 'GET', url, body: '' }, admission, now);
const request = (room: unknown, authorization?: string) =>
  admit(
    { method: 'POST', url: '/conference-request/v1', body: JSON.stringify({ room }), authorization },
    admission,
    NOW,
  );

describe('the page', () => {
  it.each(['/My%20Room', '/my%20room', '/My%20Room/'])(
    'is served at %s to who is invited there',
    async (path) => {
      const answer = await page(`${path}?jwt=${await token()}#config`);
      expect(answer).toEqual({ status: 200, headers: { 'x-accel-redirect': '@page' }, body: '' });
    },
  );

  it.each([
    ['without a link', () => '/room', 'by invitation'],
    ['at the bare domain', () => '/', 'by invitation'],
    ['of another room', async () => `/other?jwt=${await token()}`, 'for another meeting'],
    ['of a tenant', async () => `/team/my%20room?jwt=${await token()}`, 'for another meeting'],
    ['with half a link', async () => `/my%20room?jwt=${(await token()).slice(0, 40)}`, 'not valid'],
  ])('says why there is no meeting, %s', async (_, url, words) => {
    const { status, headers, body } = await page(await url());
    expect(status).toBe(403);
    expect(body).toContain(words);
    expect(body).toContain('name="viewport"');
    expect(body).toContain('https://example.org/p');
    expect(body).not.toContain('<Hall>');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('tells an expired link from others', async () => {
    const answer = await page(`/my%20room?jwt=${await token()}`, new Date(NOW.getTime() + 61_000));
    expect(answer.body).toContain('has expired');
  });
});

describe('a request for a conference', () => {
  it('goes on to Jicofo for the room of the token, in whatever case', async () => {
    const answer = await request('My%20Room@conference.meet.example.org', `Bearer ${await token()}`);
    expect(answer).toEqual({ status: 200, headers: { 'x-accel-redirect': '@conference' }, body: '' });
  });

  it('goes on for rooms within a meeting, for whoever is in one', async () => {
    const breakout = 'f81d4fae@breakout.meet.example.org';
    expect((await request(breakout, `Bearer ${await token()}`)).status).toBe(200);
    expect((await request(breakout)).status).toBe(403);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 5],
    ['another room', 'other@conference.meet.example.org'],
    ['a room elsewhere', 'my%20room@conference.example.net'],
    ['two rooms in one', 'my%20room@conference.meet.example.org@x'],
    ['a room of a tenant', '[team]my%20room@conference.meet.example.org'],
  ])('is refused for %s, whatever the address says', async (_, room) => {
    expect((await request(room, `Bearer ${await token()}`)).status).toBe(403);
  });

  it.each([undefined, '', 'Bearer', 'Basic eA==', 'Bearer x.y.z'])(
    'is refused with %j',
    async (authorization) => {
      const answer = await request('my%20room@conference.meet.example.org', authorization);
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: 'not-allowed' });
    },
  );
});
