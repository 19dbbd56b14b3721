import { describe, expect, it } from 'vitest';
import { signToken } from '../../contract/tokens.js';
import { admitToPage } from './page-admission.js';

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

const page = (url: string, now = NOW) => admitToPage(url, admission, now);

describe('the page', () => {
  it.each(['/My%20Room', '/my%20room', '/My%20Room/', '//my%20room'])(
    'is served at %s with an invitation for the room',
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
    ['after a host', async () => `//team/my%20room?jwt=${await token()}`, 'for another meeting'],
    ['with half a link', async () => `/my%20room?jwt=${(await token()).slice(0, 40)}`, 'not valid'],
  ])('states why it is refused, %s', async (_, url, words) => {
    const { status, headers, body } = await page(await url());
    expect(status).toBe(403);
    expect(body).toContain(words);
    expect(body).toContain('name="viewport"');
    expect(body).toContain('https://example.org/p');
    expect(body).not.toContain('<Hall>');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('distinguishes an expired link', async () => {
    const answer = await page(`/my%20room?jwt=${await token()}`, new Date(NOW.getTime() + 61_000));
    expect(answer.body).toContain('has expired');
  });
});
