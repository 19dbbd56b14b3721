import { Resolver } from 'node:dns/promises';

/** What public DNS says: records, none of that kind, no such name, or no answer to be had. */
export type Answer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'no such name' }
  | { readonly kind: 'no answer'; readonly why: string };

/** Longest that a name server is waited for, in milliseconds, and how often it is asked. */
const PATIENCE = { timeout: 2_000, tries: 2 };

/** Asks public DNS, by way of this machine's resolver. Never throws: no network is an answer too. */
export async function lookUp<T>(ask: (resolver: Resolver) => Promise<readonly T[]>): Promise<Answer<T>> {
  try {
    const records = await ask(new Resolver(PATIENCE));
    return records.length ? { kind: 'records', records } : { kind: 'none' };
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    if (code === 'ENODATA') return { kind: 'none' };
    if (code === 'ENOTFOUND') return { kind: 'no such name' };
    return { kind: 'no answer', why: code };
  }
}
