import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

/** Runs on the shard: a certified OpenID Connect provider, over TLS. Its forms accept every name and password. */
const ISSUER = 'https://id.test:9443';
const GROUPS: Readonly<Record<string, readonly string[]>> = { ada: ['staff', 'teachers'], tom: ['pupils'] };

const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: 'meet',
      client_secret: 'the-secret-of-the-client',
      redirect_uris: ['https://meet.example.org/convoke/sign-in/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ['sub'], profile: ['name', 'groups'], email: ['email', 'email_verified'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id.toUpperCase(),
      email: `${id}@example.${id === 'eve' ? 'net' : 'org'}`,
      email_verified: true,
      groups: [...(GROUPS[id] ?? [])],
    }),
  }),
  cookies: { keys: ['only for this test'] },
  features: { devInteractions: { enabled: true } },
});
const [key, cert] = ['/tmp/provider.key', '/tmp/provider.crt'].map((path) => readFileSync(path));
createServer({ key, cert }, provider.callback()).listen(9443, '127.0.0.1');
