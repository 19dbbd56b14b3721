import type { ClaimValues, LoginSettings } from '../../../contract/login.js';

/** `host`: starts and moderates meetings. `participant`: waits for a host, like a guest, but under their own name. */
export type Role = 'host' | 'participant';

/** What the provider says about an account. */
export type Claims = Readonly<Record<string, unknown>>;

/** Google verifies mail addresses that it does not host, too: only `hd` names the organisation of an account. */
const GOOGLE = 'https://accounts.google.com';

/** The role of an account; undefined if it may not sign in. */
export function roleOf(
  claims: Claims,
  login: Pick<LoginSettings, 'issuer' | 'allow' | 'moderators'>,
): Role | undefined {
  const { allow, moderators, issuer } = login;
  const allowed =
    allow === 'everyone' ||
    ('domains' in allow ? allow.domains.includes(domainOf(claims, issuer) ?? '') : has(claims, allow));
  if (!allowed) return undefined;
  return !moderators || has(claims, moderators) ? 'host' : 'participant';
}

/** The domain of the mail address, if the provider answers for it. */
function domainOf(claims: Claims, issuer: string): string | undefined {
  if (issuer.replace(/\/$/, '') === GOOGLE)
    return typeof claims.hd === 'string' ? claims.hd.toLowerCase() : undefined;
  const { email, email_verified: verified } = claims;
  // Some providers write it as text.
  if (typeof email !== 'string' || (verified !== true && verified !== 'true')) return undefined;
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

function has(claims: Claims, { claim, values }: ClaimValues): boolean {
  return [claimAt(claims, claim)]
    .flat()
    .some(
      (value) => ['string', 'number', 'boolean'].includes(typeof value) && values.includes(String(value)),
    );
}

/** A claim by its name, in which a dot may be part of the name, or separate names of nested claims. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Claims)[key]
          : undefined,
      claims,
    );
}
