import { describe, expect, it } from 'vitest';
import { LoginSettings } from '../../../contract/login.js';
import { verify } from '../../../contract/tokens.js';
import { cookies } from './cookies.js';
import { admitGuest, admitWithHosts } from './host-admission.js';
import { type Provider, SignInFailed } from './provider.js';
import type { Claims } from './role.js';
import { type SignIn, signIn } from './sign-in.js';

const DOMAIN = 'meet.example.org';
const KEY = 'the key of tokens';
const NOW = new Date('2026-12-03T10:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const page = { title: 'Meet' };
const settings = (changes: object = {}) =>
  LoginSettings.parse({ issuer: 'https://id.example.org', client: 'meet', allow: 'everyone', ...changes });

/** Stands in for the provider: signs in everybody with these claims. */
const signsIn = (claims: Claims | SignInFailed): Provider => ({
  begin: async (room) => ({
    address: 'https://id.example.org/auth?state=s',
    attempt: { state: 's', nonce: 'n', verifier: 'v', ...(room !== undefined && { room }) },
  }),
  finish: async () => {
    if (claims instanceof SignInFailed) throw claims;
    return claims;
  },
});

const ADA = { sub: 'ada', name: 'Ada', email: 'ada@example.org' };

function shard({ claims = ADA as Claims | SignInFailed, login = settings(), key = 'key of cookies' } = {}) {
  const reported: SignIn[] = [];
  const sealed = cookies(key, DOMAIN, login);
  const started: string[] = [];
  const admission = {
    domain: DOMAIN,
    key: KEY,
    cookies: sealed,
    page,
    hasStarted: async (room: string) => started.includes(room),
  };
  const paths = signIn({
    domain: DOMAIN,
    login,
    cookies: sealed,
    provider: signsIn(claims),
    page,
    report: (one) => reported.push(one),
  });
  return { ...paths, admission, started, reported };
}
type Shard = ReturnType<typeof shard>;

/** A browser: keeps cookies, as far as this site sets them. */
class Browser {
  private readonly jar = new Map<string, string>();

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  take(headers: Readonly<Record<string, string | readonly string[]>>): void {
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      expect(line).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
      const [, name = '', value = ''] = /^(__Host-[\w-]+)=([^;]*);/.exec(line) ?? [];
      if (value) this.jar.set(name, value);
      else this.jar.delete(name);
    }
  }

  request = (url: string, changes: object = {}) => ({
    url,
    method: 'GET',
    cookie: this.cookie,
    origin: '',
    network: '198.51.100.7',
    ...changes,
  });

  async begin(on: Shard, room = 'Town hall', now = NOW) {
    const answer = await on.begin(this.request(`/convoke/sign-in?room=${encodeURIComponent(room)}`), now);
    this.take(answer.headers);
    return answer;
  }

  async complete(on: Shard, now = NOW) {
    const answer = await on.complete(this.request('/convoke/sign-in/callback?code=c&state=s'), now);
    this.take(answer.headers);
    return answer;
  }

  page = (on: Shard, url: string, now = NOW) =>
    admitWithHosts({ url, cookie: this.cookie }, on.admission, now);

  guest = async (on: Shard, room: string, now = NOW) => {
    const { body } = await admitGuest(
      { url: `/convoke/guest?room=${room}`, cookie: this.cookie },
      on.admission,
      now,
    );
    return JSON.parse(body) as { started: boolean; jwt?: string };
  };
}

const tokenIn = (location: unknown): string =>
  new URL(String(location), 'https://x').searchParams.get('jwt') ?? '';
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    context: { user: Record<string, unknown> };
  };

describe('a host', () => {
  it('signs in, on two shards, and gets a token as a moderator of the room that they opened', async () => {
    const browser = new Browser();
    const before = await browser.page(shard(), '/Town%20hall');
    expect(before.status).toBe(403);
    expect(before.body).toContain('href="/convoke/sign-in?room=Town+hall"');
    const begun = await browser.begin(shard());
    expect(begun).toMatchObject({
      status: 302,
      headers: { location: 'https://id.example.org/auth?state=s' },
    });
    const done = await browser.complete(shard());
    expect(done).toMatchObject({ status: 302, headers: { location: '/Town%20hall' } });
    const opened = await browser.page(shard(), '/Town%20hall?lang=de');
    expect(opened.status).toBe(302);
    expect(String(opened.headers.location)).toMatch(/^\/Town%20hall\?lang=de&jwt=/);
    const token = tokenIn(opened.headers.location);
    expect(await verify(token, DOMAIN, KEY, NOW)).toMatchObject({ room: 'town%20hall', needsHost: false });
    expect(claimsOf(token).context.user).toMatchObject({
      name: 'Ada',
      email: 'ada@example.org',
      moderator: true,
    });
    expect(await browser.page(shard(), String(opened.headers.location))).toMatchObject({
      status: 200,
      headers: { 'x-accel-redirect': '@page' },
    });
  });

  it('stays signed in for the session, and as long is a token valid', async () => {
    const on = shard({ login: settings({ session: '2h' }) });
    const browser = new Browser();
    await browser.begin(on);
    await browser.complete(on);
    const opened = await browser.page(on, '/a', later(3_600_000));
    const token = tokenIn(opened.headers.location);
    expect(await verify(token, DOMAIN, KEY, later(2 * 3_600_000 - 1_000))).toMatchObject({ room: 'a' });
    expect(await verify(token, DOMAIN, KEY, later(2 * 3_600_000))).toEqual({ why: 'expired' });
    expect(await browser.page(on, '/a', later(2 * 3_600_000))).toMatchObject({ status: 403 });
  });

  it('with a token that has expired gets another one', async () => {
    const on = shard();
    const browser = new Browser();
    await browser.begin(on);
    await browser.complete(on);
    const first = await browser.page(on, '/a');
    await browser.begin(on, 'a', later(3_600_000));
    await browser.complete(on, later(3_600_000));
    const second = await browser.page(on, String(first.headers.location), later(12.5 * 3_600_000));
    expect(second.status).toBe(302);
    expect(tokenIn(second.headers.location)).not.toBe(tokenIn(first.headers.location));
  });

  it('signs out by a form of this site only', async () => {
    const on = shard();
    const browser = new Browser();
    await browser.begin(on);
    await browser.complete(on);
    const ask = await on.signOut(browser.request('/convoke/sign-out'), NOW);
    expect(ask.body).toContain('<form method="post" action="/convoke/sign-out">');
    const foreign = { method: 'POST', origin: 'https://example.net' };
    browser.take((await on.signOut(browser.request('/convoke/sign-out', foreign), NOW)).headers);
    expect((await browser.page(on, '/a')).status).toBe(302);
    const own = { method: 'POST', origin: `https://${DOMAIN}` };
    browser.take((await on.signOut(browser.request('/convoke/sign-out', own), NOW)).headers);
    expect((await browser.page(on, '/a')).status).toBe(403);
  });

  it('sees the welcome page at the bare domain, which asks others to sign in', async () => {
    const on = shard();
    const browser = new Browser();
    expect((await browser.page(on, '/')).body).toContain('href="/convoke/sign-in"');
    await browser.begin(on);
    await browser.complete(on);
    expect(await browser.page(on, '/')).toMatchObject({ headers: { 'x-accel-redirect': '@page' } });
  });
});

describe('a sign-in is refused', () => {
  it('in a browser that did not begin it, and if it is completed twice', async () => {
    const on = shard();
    const browser = new Browser();
    await browser.begin(on);
    expect((await new Browser().complete(on)).status).toBe(403);
    expect((await browser.complete(on)).status).toBe(302);
    expect((await browser.complete(on)).status).toBe(403);
    expect(on.reported.map(({ outcome }) => outcome)).toEqual(['attempt', 'host', 'attempt']);
  });

  it('after ten minutes', async () => {
    const on = shard();
    const browser = new Browser();
    await browser.begin(on);
    expect((await browser.complete(on, later(10 * 60_000))).status).toBe(403);
  });

  it('for an account that is not allowed, which gets no session', async () => {
    const on = shard({ login: settings({ allow: { domains: ['example.net'] } }) });
    const browser = new Browser();
    await browser.begin(on);
    const answer = await browser.complete(on);
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('account=other');
    expect((await browser.page(on, '/a')).status).toBe(403);
    expect(on.reported).toEqual([{ outcome: 'not allowed', account: 'ada@example.org' }]);
  });

  it('with a sentence while the provider is down, and meetings and invitations are not concerned', async () => {
    const on = shard({ claims: new SignInFailed('unavailable', 'x') });
    const browser = new Browser();
    await browser.begin(on);
    const { status, body } = await browser.complete(on);
    expect(status).toBe(503);
    expect(body).toContain('Nobody can sign in at the moment.');
  });

  it.each(['//example.net', '/\\example.net', 'a/b', 'https://example.net', '..', 'static'])(
    'to return to %s',
    async (room) => {
      expect((await new Browser().begin(shard(), room)).status).toBe(404);
    },
  );

  it('of a network that begins without end', async () => {
    const on = shard();
    const answers = [];
    for (let n = 0; n < 301; n++) answers.push((await new Browser().begin(on)).status);
    expect(answers.at(0)).toBe(302);
    expect(answers.at(-1)).toBe(429);
  });
});

describe('a session does not count', () => {
  it.each<[string, Parameters<typeof shard>[0]]>([
    ['with another key', { key: 'other' }],
    ['once other accounts are allowed', { login: settings({ allow: { domains: ['example.org'] } }) }],
    ['once others are hosts', { login: settings({ moderators: { claim: 'a', values: ['b'] } }) }],
  ])('%s', async (_, changes) => {
    const browser = new Browser();
    await browser.begin(shard());
    await browser.complete(shard());
    expect((await browser.page(shard(), '/a')).status).toBe(302);
    expect((await browser.page(shard(changes), '/a')).status).toBe(403);
  });

  it('if it is a sign-in that was begun, under the name of the other cookie', async () => {
    const browser = new Browser();
    await browser.begin(shard());
    const cookie = browser.cookie.replace('__Host-convoke-sign-in=', '__Host-convoke-session=');
    expect((await admitWithHosts({ url: '/a', cookie }, shard().admission, NOW)).status).toBe(403);
  });
});

describe('a guest', () => {
  it('waits on a page that knows the room, and gets in when a host has started the meeting', async () => {
    const on = shard();
    const guest = new Browser();
    const { status, body, headers } = await guest.page(on, '/Caf%C3%A9%201');
    expect(status).toBe(403);
    expect(body).toContain('data-room="caf%c3%a9%201"');
    expect(headers['content-security-policy']).toContain("connect-src 'self'");
    expect(await guest.guest(on, 'caf%c3%a9%201')).toEqual({ started: false });
    on.started.push('caf%c3%a9%201');
    expect(await guest.guest(on, 'other')).toEqual({ started: false });
    const { jwt = '' } = await guest.guest(on, 'caf%c3%a9%201');
    expect(await verify(jwt, DOMAIN, KEY, NOW)).toMatchObject({ room: 'caf%c3%a9%201', needsHost: true });
    expect(claimsOf(jwt).context.user).toEqual({
      id: expect.any(String),
      moderator: false,
      needs_host: true,
    });
    expect((await guest.page(on, `/Caf%C3%A9%201?jwt=${jwt}`)).status).toBe(200);
    expect((await guest.page(on, `/other?jwt=${jwt}`)).body).toContain('for another meeting');
  });

  it('with a token that has expired waits again', async () => {
    const on = shard();
    on.started.push('a');
    const guest = new Browser();
    const { jwt = '' } = await guest.guest(on, 'a');
    expect((await guest.page(on, `/a?jwt=${jwt}`, later(13 * 3_600_000))).body).toContain('data-room="a"');
  });

  it('who is signed in without being a host waits under their own name', async () => {
    const on = shard({ login: settings({ moderators: { claim: 'groups', values: ['teachers'] } }) });
    on.started.push('a');
    const pupil = new Browser();
    await pupil.begin(on);
    await pupil.complete(on);
    expect((await pupil.page(on, '/a')).body).toContain('not as a host');
    const { jwt = '' } = await pupil.guest(on, 'a');
    expect(claimsOf(jwt).context.user).toMatchObject({ name: 'Ada', moderator: false, needs_host: true });
  });
});

describe('names in cookies and tokens', () => {
  it('are limited, so that they fit into headers', async () => {
    const on = shard({
      claims: { sub: 's'.repeat(9_000), name: '\u{1f600}'.repeat(5_000), email: 'e'.repeat(9_000) },
    });
    const browser = new Browser();
    await browser.begin(on, 'r'.repeat(300));
    const { headers } = await browser.complete(on);
    expect(JSON.stringify(headers).length).toBeLessThan(4_000);
    const opened = await browser.page(on, '/a');
    expect(String(opened.headers.location).length).toBeLessThan(2_000);
  });
});
