import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type ServerMetadata,
} from 'openid-client';
import { type LoginSettings, redirectAddress } from '../../../contract/login.js';
import type { Attempt } from './cookies.js';
import type { Claims } from './role.js';

/** Seconds that the provider has for each answer. */
const TIMEOUT_S = 10;
/** Milliseconds for which its metadata and the client's secret are kept. */
const KEPT = 5 * 60_000;
const SCOPE = 'openid profile email';

/**
 * `unavailable`: the provider does not answer, or not as it should. `secret`: the client's secret is missing, or the
 * provider does not accept it. `cancelled`: by the user or the provider. `refused`: the answer does not fit.
 */
export type Failure = 'unavailable' | 'secret' | 'cancelled' | 'refused';

/** Why nobody was signed in. The message names codes only, neither persons nor tokens. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';

  constructor(
    readonly why: Failure,
    message: string,
  ) {
    super(message);
  }
}

/** The OpenID Connect provider: authorization code flow with PKCE, `state` and `nonce`. Rejects with {@link SignInFailed}. */
export interface Provider {
  /** The address that the browser opens, and what its cookie keeps. */
  begin(room: string | undefined, otherAccount: boolean): Promise<{ address: string; attempt: Attempt }>;
  /** What the provider says about the account. `query`: with `?`, as the browser brought it back. */
  finish(query: string, attempt: Attempt): Promise<Claims>;
}

/** `clientSecret`: undefined if none is stored. */
export function provider(
  domain: string,
  login: LoginSettings,
  clientSecret: () => Promise<string | undefined>,
  now: () => number = Date.now,
): Provider {
  let kept: { readonly configuration: Promise<Configuration>; readonly until: number } | undefined;
  const redirect = redirectAddress(domain);

  /** Concurrent sign-ins share it. A failure is not kept. */
  function configuration(): Promise<Configuration> {
    if (kept && kept.until > now()) return kept.configuration;
    const configuration = configured();
    kept = { configuration, until: now() + KEPT };
    configuration.catch(() => {
      kept = undefined;
    });
    return configuration;
  }

  async function configured(): Promise<Configuration> {
    const [metadata, secret] = await Promise.all([
      metadataOf(login),
      clientSecret().catch(() => {
        throw new SignInFailed('secret', 'the client’s secret cannot be read');
      }),
    ]);
    if (secret === undefined) throw new SignInFailed('secret', 'no client’s secret is stored');
    // A secret in the body cannot be encoded in two ways, as one in a header can.
    const authentication = metadata.token_endpoint_auth_methods_supported?.includes('client_secret_post')
      ? ClientSecretPost(secret)
      : ClientSecretBasic(secret);
    const configuration = new Configuration(metadata, login.client, {}, authentication);
    configuration.timeout = TIMEOUT_S;
    // Also the signature of a token that came directly from the provider.
    enableNonRepudiationChecks(configuration);
    return configuration;
  }

  return {
    async begin(room, otherAccount) {
      const attempt = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
        ...(room !== undefined && { room }),
      };
      const config = await configuration();
      const address = buildAuthorizationUrl(config, {
        redirect_uri: redirect,
        scope: SCOPE,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        ...(otherAccount && { prompt: promptOf(config.serverMetadata()) }),
      });
      return { address: address.href, attempt };
    },

    async finish(query, { state, nonce, verifier }) {
      const config = await configuration();
      try {
        const tokens = await authorizationCodeGrant(config, new URL(`${redirect}${query}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (!claims) throw new SignInFailed('refused', 'no ID token');
        // Many providers put mail address, name and groups only here.
        const more = config.serverMetadata().userinfo_endpoint
          ? await fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
        return { ...more, ...claims };
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}

async function metadataOf(login: LoginSettings): Promise<ServerMetadata> {
  const issuer = new URL(login.issuer);
  const metadata = await discovery(issuer, login.client, undefined, None(), { timeout: TIMEOUT_S })
    .then((found) => found.serverMetadata())
    .catch((error: unknown) => {
      throw new SignInFailed('unavailable', `the provider’s metadata cannot be read: ${codeOf(error)}`);
    });
  // For Microsoft, the library also accepts a template for all tenants.
  if (new URL(metadata.issuer).href !== issuer.href)
    throw new SignInFailed('unavailable', 'the provider has another issuer than login.issuer');
  return metadata;
}

/** Providers that let the user choose an account, and do not say so in their metadata. */
const LET_CHOOSE = ['https://accounts.google.com', 'https://login.microsoftonline.com'];

/** Others refuse a request to let the user choose, but ask for the account again. */
const promptOf = ({ issuer, prompt_values_supported: values }: ServerMetadata): string =>
  LET_CHOOSE.includes(new URL(issuer).origin) || (Array.isArray(values) && values.includes('select_account'))
    ? 'select_account'
    : 'login';

/** Errors of the token endpoint that concern the client, not the user (RFC 6749). */
const OF_CLIENT = ['invalid_client', 'unauthorized_client'];

function failureOf(error: unknown): SignInFailed {
  if (error instanceof SignInFailed) return error;
  if (error instanceof AuthorizationResponseError)
    return new SignInFailed('cancelled', `the provider answered ${word(error.error)}`);
  if (error instanceof ResponseBodyError)
    return new SignInFailed(
      OF_CLIENT.includes(error.error) ? 'secret' : 'refused',
      `the provider answered ${word(error.error)}`,
    );
  return new SignInFailed(isUnavailable(error) ? 'unavailable' : 'refused', codeOf(error));
}

/** `fetch` throws a TypeError without a code if nobody answers. */
const isUnavailable = (error: unknown): boolean =>
  (error instanceof TypeError && !('code' in error)) ||
  (error instanceof ClientError &&
    ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'].includes(
      error.code ?? '',
    ));

/** The code of an error and of its causes, and nothing that the provider or the browser wrote. */
function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: unknown };
  const inner = cause instanceof Error ? ` (${codeOf(cause)})` : '';
  return `${typeof code === 'string' ? word(code) : word(String(name))}${inner}`;
}

const word = (text: string): string => text.replace(/[^\w.-]/g, '').slice(0, 60);
