import { createHash } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { LoginSettings } from '../../../contract/login.js';

/**
 * Both cookies are encrypted, and can be read only here. The prefix makes browsers accept them from this host alone, over
 * TLS. They are sent when a link from elsewhere leads here, but not when another site embeds the page.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
const NAMES = { attempt: '__Host-convoke-sign-in', session: '__Host-convoke-session' } as const;

/** A sign-in that a browser has begun. */
const Attempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Display name of the room to open afterwards. Unset: the welcome page. */
  room: z.string().optional(),
});
export type Attempt = z.infer<typeof Attempt>;

/** Who is signed in. */
const Session = z.object({
  /** The account at the provider. */
  id: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  role: z.enum(['host', 'participant']),
});
export type Session = z.infer<typeof Session> & { readonly expires: Date };

const CONTENTS = { attempt: Attempt, session: Session } as const;
type Kind = keyof typeof CONTENTS;

/** Cookies of one deployment. Every shard reads those of the others. */
export interface Cookies {
  /** The header `Set-Cookie`. */
  write<K extends Kind>(kind: K, content: z.infer<(typeof CONTENTS)[K]>, expires: Date): Promise<string>;
  /** From the header `Cookie`. Undefined if there is none, or one that is expired, forged or of another deployment. */
  read<K extends Kind>(
    kind: K,
    header: string,
    now: Date,
  ): Promise<(z.infer<(typeof CONTENTS)[K]> & { readonly expires: Date }) | undefined>;
  /** The header `Set-Cookie` that removes it. */
  remove(kind: Kind): string;
}

/** `key`: a password of the deployment. With other settings of the login, nobody is signed in any more. */
export function cookies(key: string, domain: string, login: LoginSettings): Cookies {
  const secret = createHash('sha256').update(key).digest();
  const { issuer, client, allow, moderators } = login;
  const settings = createHash('sha256')
    .update(JSON.stringify([issuer, client, allow, moderators]))
    .digest('base64url');
  const audience = (kind: Kind) => `${kind} ${domain} ${settings}`;
  return {
    async write(kind, content, expires) {
      const sealed = await new EncryptJWT({ content })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(audience(kind))
        .setExpirationTime(Math.floor(expires.getTime() / 1000))
        .encrypt(secret);
      return `${NAMES[kind]}=${sealed}; Expires=${expires.toUTCString()}; ${ATTRIBUTES}`;
    },
    async read(kind, header, now) {
      const sealed = valueIn(header, NAMES[kind]);
      if (!sealed) return undefined;
      try {
        const { payload } = await jwtDecrypt(sealed, secret, {
          audience: audience(kind),
          requiredClaims: ['exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          currentDate: now,
        });
        const content = CONTENTS[kind].parse(payload.content);
        return { ...content, expires: new Date((payload.exp ?? 0) * 1000) } as never;
      } catch {
        return undefined;
      }
    },
    remove: (kind) => `${NAMES[kind]}=; Max-Age=0; ${ATTRIBUTES}`,
  };
}

/** The last one, if there are several. */
const valueIn = (header: string, name: string): string | undefined =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .findLast((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
