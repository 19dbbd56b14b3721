import { errors, jwtVerify, SignJWT } from 'jose';

/** Who signs and who is meant: both `iss` and `aud`. Deployments are told apart by key and domain, not by this. */
export const APP_ID = 'convoke';

const ALGORITHM = 'HS256';

/** Two machines' clocks differ; a link must not be refused for that when it is used at once. */
const CLOCKS_DIFFER_S = 60;

/** Somebody who is invited to one room. */
export interface Invited {
  /** Host name of the meeting page. */
  readonly domain: string;
  /** As `roomKey` gives it. */
  readonly room: string;
  /** Tells the invited apart; made up for each link. */
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly moderator: boolean;
}

/** A token that is good for one room of one deployment, from now on until a time. In the form that Jitsi's modules read. */
export function signToken(
  invited: Invited,
  key: string,
  times: { now: Date; expires: Date },
): Promise<string> {
  const { domain, room, id, name, email, moderator } = invited;
  const user = { id, ...(name && { name }), ...(email && { email }), moderator };
  return new SignJWT({ room, context: { user } })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(APP_ID)
    .setAudience(APP_ID)
    .setSubject(domain)
    .setNotBefore(seconds(times.now) - CLOCKS_DIFFER_S)
    .setExpirationTime(seconds(times.expires))
    .sign(Buffer.from(key));
}

/** Why a token does not open a room. */
export type Refusal = 'missing' | 'expired' | 'early' | 'room' | 'invalid';

/** Looks whether a token opens a room of a domain; undefined when it does. Without `room`, any room will do. */
export async function refusal(
  token: string | undefined,
  wanted: { readonly domain: string; readonly room?: string | undefined },
  key: string,
  now: Date,
): Promise<Refusal | undefined> {
  if (!token) return 'missing';
  try {
    const { payload } = await jwtVerify(token, Buffer.from(key), {
      algorithms: [ALGORITHM],
      typ: 'JWT',
      issuer: APP_ID,
      audience: APP_ID,
      subject: wanted.domain,
      requiredClaims: ['room', 'exp'],
      currentDate: now,
    });
    return wanted.room === undefined || payload.room === wanted.room ? undefined : 'room';
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'expired';
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return 'early';
    return 'invalid';
  }
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
