import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** Value of both `iss` and `aud`. Key and domain distinguish deployments, not this. */
export const APP_ID = 'convoke';

const ALGORITHM = 'HS256';

/** Tolerance for clock differences between machines: a new link must work immediately. */
const CLOCK_TOLERANCE_S = 60;

/** An invitation of one user to one room. */
export interface Invited {
  /** Host name of the meeting page. */
  readonly domain: string;
  /** As `roomKey` returns it. */
  readonly room: string;
  /** Identifies the invited person; generated for each link. */
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly moderator: boolean;
  /** Whether they enter only a meeting that a host has started. Default: false. */
  readonly needsHost?: boolean;
}

/**
 * A token that is valid for one room of one deployment from now until `expires`, with the claims that Jitsi's modules
 * read.
 */
export function signToken(
  invited: Invited,
  key: string,
  times: { now: Date; expires: Date },
): Promise<string> {
  const { domain, room, id, name, email, moderator, needsHost } = invited;
  const user = {
    id,
    ...(name && { name }),
    ...(email && { email }),
    moderator,
    ...(needsHost && { needs_host: true }),
  };
  return new SignJWT({ room, context: { user } })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(APP_ID)
    .setAudience(APP_ID)
    .setSubject(domain)
    .setNotBefore(seconds(times.now) - CLOCK_TOLERANCE_S)
    .setExpirationTime(seconds(times.expires))
    .sign(Buffer.from(key));
}

/** Why a token does not open a room. */
export type Refusal = 'missing' | 'expired' | 'early' | 'room' | 'invalid';

/** The content of a valid token. */
export interface Verified {
  /** The room that it opens, as `roomKey` returns it. */
  readonly room: string;
  /** The signed part of the token, which is the same however the signature is encoded. */
  readonly signed: string;
  /** Whether it opens only a meeting that a host has started. */
  readonly needsHost: boolean;
}

/** Verifies a token of a domain, and returns the room that it opens. */
export async function verify(
  token: string | undefined,
  domain: string,
  key: string,
  now: Date,
): Promise<Verified | { readonly why: Refusal }> {
  if (!token) return { why: 'missing' };
  try {
    const { payload } = await jwtVerify(token, Buffer.from(key), {
      algorithms: [ALGORITHM],
      typ: 'JWT',
      issuer: APP_ID,
      audience: APP_ID,
      subject: domain,
      requiredClaims: ['room', 'exp'],
      currentDate: now,
    });
    if (typeof payload.room !== 'string') return { why: 'invalid' };
    return {
      room: payload.room,
      signed: token.slice(0, token.lastIndexOf('.')),
      needsHost: needsHost(payload),
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { why: 'expired' };
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return { why: 'early' };
    return { why: 'invalid' };
  }
}

/** Why a token does not open a room of a domain; undefined if it does. */
export async function refusal(
  token: string | undefined,
  wanted: { readonly domain: string; readonly room: string },
  key: string,
  now: Date,
): Promise<Refusal | undefined> {
  const verified = await verify(token, wanted.domain, key, now);
  if ('why' in verified) return verified.why;
  return verified.room === wanted.room ? undefined : 'room';
}

/** In doubt it does: only this file writes the claim. */
const needsHost = ({ context }: JWTPayload): boolean =>
  (context as { user?: { needs_host?: unknown } } | undefined)?.user?.needs_host !== undefined;

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
