import { Resolver } from 'node:dns/promises';

/** The result of a DNS query: records, none of that type, no such name, or no answer. */
export type DnsAnswer<T> =
  | { readonly kind: 'records'; readonly records: readonly T[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'no such name' }
  | { readonly kind: 'no answer'; readonly why: string };

/** Timeout of a query in milliseconds, and the number of attempts. */
const PATIENCE = { timeout: 2_000, tries: 2 };

/** A name that every resolver with public DNS can resolve. */
const KNOWN_TO_ALL = 'amazonaws.com';

/** A resolver that queries only these name servers, given by address, with a port if it is not 53. */
export function resolverOf(servers: readonly string[]): Resolver {
  const resolver = new Resolver(PATIENCE);
  resolver.setServers(servers);
  return resolver;
}

/**
 * Queries DNS with this machine's resolver, or with `known`. Never throws; without a network the result is `no
 * answer`. If this machine's resolver does not resolve public names at all, as in a closed network, a negative result
 * is `no answer` too.
 */
export async function lookUp<T>(
  ask: (resolver: Resolver) => Promise<readonly T[]>,
  known?: Resolver,
): Promise<DnsAnswer<T>> {
  if (known) return answered(ask(known));
  const resolver = new Resolver(PATIENCE);
  const answer = await answered(ask(resolver));
  if (answer.kind !== 'none' && answer.kind !== 'no such name') return answer;
  const anything = await answered(resolver.resolveNs(KNOWN_TO_ALL));
  return anything.kind === 'records'
    ? answer
    : { kind: 'no answer', why: 'this machine’s resolver does not resolve public names' };
}

async function answered<T>(asked: Promise<readonly T[]>): Promise<DnsAnswer<T>> {
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
