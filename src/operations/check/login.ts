import { z } from 'zod';
import type { Deployment } from '../../config/deployment.js';
import { type LoginSettings, redirectAddress } from '../../contract/login.js';
import { type Finding, fine, unknown, wrong } from './finding.js';

/** Milliseconds. */
const TIMEOUT = 10_000;
const SUBJECT = 'sign-in of hosts';

/** The part of a provider's metadata (OpenID Connect Discovery 1.0) that a sign-in depends on. */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url({ protocol: /^https$/ }),
  token_endpoint: z.url({ protocol: /^https$/ }),
  jwks_uri: z.url({ protocol: /^https$/ }),
  response_types_supported: z.array(z.string()).optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
});

/** What the provider answered to a request for its metadata. */
export type MetadataAnswer =
  | { readonly kind: 'no answer'; readonly why: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'json'; readonly value: unknown };

/** Whether hosts can sign in at the provider. No finding if nobody signs in. */
export async function login({ domain, login: settings }: Deployment): Promise<Finding[]> {
  if (!settings) return [];
  return [judgeProvider(settings, domain, await readMetadata(settings.issuer))];
}

/** Reads the provider's metadata, over TLS. */
async function readMetadata(issuer: string): Promise<MetadataAnswer> {
  try {
    const answer = await fetch(metadataAddress(issuer), {
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (answer.status !== 200) return { kind: 'status', status: answer.status };
    return { kind: 'json', value: await answer.json().catch(() => undefined) };
  } catch (error) {
    const { cause, message } = error as Error;
    return { kind: 'no answer', why: cause instanceof Error ? cause.message : message };
  }
}

const metadataAddress = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

export function judgeProvider(
  { issuer }: Pick<LoginSettings, 'issuer'>,
  domain: string,
  answer: MetadataAnswer,
): Finding {
  const correct =
    'Correct "login.issuer": the provider’s documentation names it, or its metadata under "issuer".';
  if (answer.kind === 'no answer')
    return unknown(
      SUBJECT,
      `${metadataAddress(issuer)} does not answer from here (${answer.why})`,
      'Check "login.issuer". The machines must reach this address.',
    );
  if (answer.kind === 'status')
    return wrong(
      SUBJECT,
      `${metadataAddress(issuer)} answers ${answer.status}: no provider is there`,
      correct,
    );
  const metadata = Metadata.safeParse(answer.value).data;
  if (!metadata)
    return wrong(
      SUBJECT,
      `${metadataAddress(issuer)} has no metadata of an OpenID Connect provider`,
      correct,
    );
  if (metadata.issuer !== issuer && metadata.issuer !== `${issuer}/` && `${metadata.issuer}/` !== issuer)
    return wrong(SUBJECT, `the provider at ${issuer} calls itself ${metadata.issuer}`, correct);
  const { code_challenge_methods_supported: methods, response_types_supported: types } = metadata;
  if (types && !types.includes('code'))
    return wrong(SUBJECT, 'the provider has no authorization code flow', 'Use another provider.');
  if (methods && !methods.includes('S256'))
    return wrong(
      SUBJECT,
      'the provider does not support PKCE with S256, which protects the authorization code',
      'Enable it at the provider, or use another one.',
    );
  return fine(
    SUBJECT,
    `${issuer} answers; register the redirect address ${redirectAddress(domain)} there, and store the client’s secret with "convoke login set-secret" after "up"`,
  );
}
