import type { Resolver } from 'node:dns/promises';
import type { Account } from '../../cloud/account.js';
import { judgeRecord, type ManualRecord, type SeenRecord } from './record.js';
import { lookUp, resolverOf } from './resolver.js';

/** Whether this cloud's names can be resolved from outside of it. */
export const namesResolve = (account: Account): boolean => account.dns.kind !== 'nowhere';

/** The resolver with this cloud's names, if they are not in public DNS. */
export const ownResolver = ({ dns }: Account): Resolver | undefined =>
  dns.kind === 'server' ? resolverOf([dns.address]) : undefined;

/**
 * Looks up records in public DNS. It queries the zone's authoritative name servers, because other resolvers may cache
 * for hours that a name did not exist. If they do not answer, as behind some firewalls, it uses this machine's
 * resolver.
 */
export function recordLookup(
  account: Account,
): (records: readonly ManualRecord[]) => Promise<readonly SeenRecord[]> {
  const servers = new Map<string, Promise<Resolver | undefined>>();
  const serverFor = (name: string) => {
    const known = servers.get(name) ?? zoneServers(account, name);
    servers.set(name, known);
    return known;
  };
  const ask = async (name: string, method: 'resolveCname' | 'resolve4') => {
    const answer = await lookUp((resolver) => resolver[method](name), await serverFor(name));
    return answer.kind === 'no answer' && account.dns.kind === 'public'
      ? lookUp((resolver) => resolver[method](name))
      : answer;
  };
  const lookUpRecord = async (record: ManualRecord): Promise<SeenRecord> => {
    if (!namesResolve(account))
      return { ...record, state: 'unknown', detail: 'public DNS does not know this cloud' };
    const alias = await ask(record.name, 'resolveCname');
    if (isProof(record)) return judgeRecord(record, { alias });
    const [name, value] = await Promise.all([ask(record.name, 'resolve4'), ask(record.value, 'resolve4')]);
    return judgeRecord(record, { alias, addresses: { name, value } });
  };
  return (records) => Promise.all(records.map(lookUpRecord));
}

/** Validation records point to no address. */
const isProof = ({ name }: ManualRecord): boolean => name.startsWith('_');

/** The authoritative name servers of a name; undefined if they cannot be found. */
async function zoneServers(account: Account, name: string): Promise<Resolver | undefined> {
  const known = ownResolver(account);
  if (known) return known;
  const labels = name.split('.');
  for (let index = 0; index < labels.length - 1; index++) {
    const servers = await lookUp((resolver) => resolver.resolveNs(labels.slice(index).join('.')));
    if (servers.kind === 'no answer') return undefined;
    if (servers.kind !== 'records') continue;
    const answers = await Promise.all(
      servers.records.slice(0, 4).map((server) => lookUp((resolver) => resolver.resolve4(server))),
    );
    const addresses = answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : []));
    return addresses.length ? resolverOf(addresses) : undefined;
  }
  return undefined;
}
