import { Resolver } from 'node:dns/promises';

/** What public DNS says: records, none of that kind, no such name, or no answer to be had. */
export type Answer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'no such name' }
  | { readonly kind: 'no answer'; readonly why: string };

/** Longest that a name server is waited for, in milliseconds, and how often it is asked. */
const PATIENCE = { timeout: 2_000, tries: 2 };

/** A name that is there for everybody who can reach AWS. */
const KNOWN_TO_ALL = 'amazonaws.com';

/** Asks these name servers and no others, by address, with the port where it is not 53. */
export function resolverOf(servers: readonly string[]): Resolver {
  const resolver = new Resolver(PATIENCE);
  resolver.setServers(servers);
  return resolver;
}

/**
 * Asks public DNS, by way of this machine's resolver, or of one that is known to answer. Never throws: no network is an
 * answer too. A resolver that knows no public names at all, as in a closed network, is not believed when it says that
 * there is none of these.
 */
export async function lookUp<T>(
  ask: (resolver: Resolver) => Promise<readonly T[]>,
  known?: Resolver,
): Promise<Answer<T>> {
  if (known) return answered(ask(known));
  const resolver = new Resolver(PATIENCE);
  const answer = await answered(ask(resolver));
  if (answer.kind !== 'none' && answer.kind !== 'no such name') return answer;
  const anything = await answered(resolver.resolveNs(KNOWN_TO_ALL));
  return anything.kind === 'records'
    ? answer
    : { kind: 'no answer', why: 'this machine’s resolver knows no public names' };
}

async function answered<T>(asked: Promise<readonly T[]>): Promise<Answer<T>> {
  try {
    const records = await asked;
    return records.length ? { kind: 'records', records } : { kind: 'none' };
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    if (code === 'ENODATA') return { kind: 'none' };
    if (code === 'ENOTFOUND') return { kind: 'no such name' };
    return { kind: 'no answer', why: code };
  }
}
