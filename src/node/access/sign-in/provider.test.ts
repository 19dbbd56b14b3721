import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LoginSettings } from '../../../contract/login.js';
import { type Provider, provider } from './provider.js';

const ISSUER = 'https://id.example.org/realm';
const CALLBACK = 'https://meet.example.org/convoke/sign-in/callback';
const login = LoginSettings.parse({ issuer: ISSUER, client: 'meet', allow: 'everyone' });
const SECRET = 'x-y:z%+';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let keys: Keys;
let otherKeys: Keys;
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  otherKeys = await generateKeyPair('RS256', { extractable: true });
});
afterEach(() => vi.unstubAllGlobals());

interface Fake {
  readonly metadata?: object;
  readonly idToken?: (claims: JWTPayload) => Promise<string>;
  readonly claims?: object;
  readonly token?: { readonly status: number; readonly body: object };
  readonly userinfo?: object;
  readonly down?: 'metadata' | 'token';
}

const signed = (claims: JWTPayload, key = keys.privateKey, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(key);

/** A fake of a provider, in place of the network. `asked`: what it received at the token endpoint. */
function fake(given: Fake = {}): { signsIn: Provider; asked: URLSearchParams[]; nonce: (n: string) => void } {
  const asked: URLSearchParams[] = [];
  let nonce = '';
  const now = Math.floor(Date.now() / 1000);
  const answers: Record<string, () => Promise<[number, object]>> = {
    [`${ISSUER}/.well-known/openid-configuration`]: async () => [
      200,
      {
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/auth`,
        token_endpoint: `${ISSUER}/token`,
        userinfo_endpoint: `${ISSUER}/userinfo`,
        jwks_uri: `${ISSUER}/keys`,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        authorization_response_iss_parameter_supported: true,
        ...given.metadata,
      },
    ],
    [`${ISSUER}/keys`]: async () => [
      200,
      { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    ],
    [`${ISSUER}/token`]: async () => {
      if (given.token) return [given.token.status, given.token.body];
      const claims = {
        iss: ISSUER,
        aud: 'meet',
        sub: 'ada',
        iat: now,
        exp: now + 60,
        nonce,
        ...given.claims,
      };
      const id_token = await (given.idToken ?? signed)(claims);
      return [200, { access_token: 'a', token_type: 'Bearer', id_token }];
    },
    [`${ISSUER}/userinfo`]: async () => [200, { sub: 'ada', name: 'Ada', ...given.userinfo }],
  };
  vi.stubGlobal('fetch', async (address: string | URL, init?: RequestInit) => {
    const path = String(address);
    if (given.down && path.includes(given.down === 'token' ? '/token' : 'well-known'))
      throw new TypeError('fetch failed');
    if (path.endsWith('/token')) asked.push(new URLSearchParams(String(init?.body)));
    const [status, body] = (await answers[path]?.()) ?? [404, {}];
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  });
  return {
    signsIn: provider('meet.example.org', login, async () => SECRET),
    asked,
    nonce: (value) => {
      nonce = value;
    },
  };
}

/** Signs in as a browser does. `changes`: of the parameters that it brings back. */
async function claims(given: Fake = {}, changes: Record<string, string> = {}) {
  const { signsIn, nonce, asked } = fake(given);
  const { address, attempt } = await signsIn.begin('Town hall', false);
  nonce(attempt.nonce);
  const query = new URLSearchParams({ code: 'c', state: attempt.state, iss: ISSUER, ...changes });
  return { claims: await signsIn.finish(`?${query}`, attempt), asked, address, attempt };
}

describe('a sign-in', () => {
  it('asks for a code with PKCE, and proves that it is the same browser and the same client', async () => {
    const { claims: found, asked, address, attempt } = await claims();
    const url = new URL(address);
    expect(url.origin + url.pathname).toBe(`${ISSUER}/auth`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'meet',
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      state: attempt.state,
      nonce: attempt.nonce,
    });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      code: 'c',
      code_verifier: attempt.verifier,
      redirect_uri: CALLBACK,
      client_secret: SECRET,
    });
    expect(found).toMatchObject({ sub: 'ada', name: 'Ada' });
  });

  it('tolerates clocks that differ by 30 s', async () => {
    const now = Math.floor(Date.now() / 1000);
    await expect(claims({ claims: { nbf: now + 25 } })).resolves.toBeDefined();
    await expect(claims({ claims: { exp: now - 25 } })).resolves.toBeDefined();
  });
});

describe('a sign-in is refused', () => {
  const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
  const unsigned = (header: object) => async (payload: JWTPayload) =>
    `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  it.each<[string, Fake]>([
    ['without a signature', { idToken: unsigned({ alg: 'none' }) }],
    ['signed with another key', { idToken: (payload) => signed(payload, otherKeys.privateKey) }],
    [
      'signed with an unknown key',
      { idToken: (payload) => signed(payload, otherKeys.privateKey, { kid: 'two' }) },
    ],
    [
      'signed with the public key as a secret',
      {
        idToken: async (payload) => {
          const head = (await unsigned({ alg: 'HS256', kid: 'one' })(payload)).slice(0, -1);
          const pem = await exportSPKI(keys.publicKey);
          return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
        },
      },
    ],
    [
      'signed with the client’s secret',
      {
        idToken: async (payload) => {
          const head = (await unsigned({ alg: 'HS256' })(payload)).slice(0, -1);
          return `${head}.${createHmac('sha256', SECRET).update(head).digest('base64url')}`;
        },
      },
    ],
    ['of another sign-in', { claims: { nonce: 'other' } }],
    ['for another client', { claims: { aud: 'other' } }],
    ['of another issuer', { claims: { iss: 'https://id.example.net' } }],
    ['expired', { claims: { exp: seconds(-60) } }],
    ['not valid yet', { claims: { nbf: seconds(60) } }],
    ['whose account is another one than userinfo’s', { userinfo: { sub: 'tom' } }],
  ])('with a token %s', async (_, given) => {
    await expect(claims(given)).rejects.toMatchObject({ name: 'SignInFailed', why: 'refused' });
  });

  it('with the state of another browser', async () => {
    await expect(claims({}, { state: 'other' })).rejects.toMatchObject({ why: 'refused' });
  });

  it('with the answer of another provider', async () => {
    await expect(claims({}, { iss: 'https://id.example.net' })).rejects.toMatchObject({ why: 'refused' });
  });

  it('with a code that was used before', async () => {
    const token = { status: 400, body: { error: 'invalid_grant' } };
    await expect(claims({ token })).rejects.toMatchObject({ why: 'refused' });
  });
});

describe('a sign-in fails with its reason', () => {
  it.each<[string, Fake]>([
    ['has no metadata', { down: 'metadata' }],
    ['does not answer', { down: 'token' }],
    ['is broken', { token: { status: 500, body: {} } }],
    ['is another one', { metadata: { issuer: 'https://id.example.net' } }],
  ])('if the provider %s', async (_, given) => {
    await expect(claims(given)).rejects.toMatchObject({ why: 'unavailable' });
  });

  it('if the provider does not accept the client’s secret', async () => {
    const token = { status: 401, body: { error: 'invalid_client', error_description: 'ada@example.org' } };
    await expect(claims({ token })).rejects.toMatchObject({
      why: 'secret',
      message: 'the provider answered invalid_client',
    });
  });

  it('if none is stored', async () => {
    fake();
    const signsIn = provider('meet.example.org', login, async () => undefined);
    await expect(signsIn.begin('a', false)).rejects.toMatchObject({ why: 'secret' });
  });

  it('if the user cancels', async () => {
    const { signsIn } = fake();
    const { attempt } = await signsIn.begin('a', false);
    const query = `?${new URLSearchParams({ error: 'access_denied', state: attempt.state, iss: ISSUER })}`;
    await expect(signsIn.finish(query, attempt)).rejects.toMatchObject({ why: 'cancelled' });
  });
});

describe('a new client’s secret', () => {
  it('is used within five minutes, without a restart', async () => {
    const { asked, nonce } = fake();
    let secret = 'old';
    let now = 0;
    const signsIn = provider(
      'meet.example.org',
      login,
      async () => secret,
      () => now,
    );
    const sign = async () => {
      const { attempt } = await signsIn.begin('a', false);
      nonce(attempt.nonce);
      await signsIn.finish(
        `?${new URLSearchParams({ code: 'c', state: attempt.state, iss: ISSUER })}`,
        attempt,
      );
    };
    await sign();
    secret = 'new';
    now = 5 * 60_000;
    await sign();
    expect(asked.map((form) => form.get('client_secret'))).toEqual(['old', 'new']);
  });
});
