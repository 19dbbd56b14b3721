import { plainName } from '../../cloud/certificates.js';
import type { DnsAnswer } from './resolver.js';

/** A record that the user manages at the DNS provider. Names and values have no trailing dot. */
export interface ManualRecord {
  readonly name: string;
  readonly type: 'CNAME';
  readonly value: string;
  /** What it is for, in words. */
  readonly purpose: string;
}

/** A record and its lookup result. */
export interface SeenRecord extends ManualRecord {
  /** `wrong`: the name points elsewhere. `unknown`: DNS did not answer. */
  readonly state: 'seen' | 'missing' | 'wrong' | 'unknown';
  /** Where the name points instead, or why DNS did not answer; otherwise empty. */
  readonly detail: string;
}

/** DNS answers for a record. */
export interface Sight {
  readonly alias: DnsAnswer<string>;
  /** Addresses of the name and of the record's value. Unset for validation records. */
  readonly addresses?: { readonly name: DnsAnswer<string>; readonly value: DnsAnswer<string> };
}

/**
 * Compares a record with DNS. The apex of a zone cannot have a CNAME, and a provider's ALIAS or ANAME record returns
 * addresses, so a name with one of the value's addresses counts too.
 */
export function judgeRecord(record: ManualRecord, { alias, addresses }: Sight): SeenRecord {
  const of = (answer: DnsAnswer<string> | undefined) =>
    answer?.kind === 'records' ? answer.records.map(plainName) : [];
  const aliases = of(alias);
  const own = of(addresses?.name);
  if (aliases.includes(record.value)) return { ...record, state: 'seen', detail: '' };
  if (own.some((address) => of(addresses?.value).includes(address)))
    return { ...record, state: 'seen', detail: '' };
  const elsewhere = aliases.length ? aliases : own;
  if (elsewhere.length) return { ...record, state: 'wrong', detail: `points to ${elsewhere.join(', ')}` };
  if (alias.kind === 'no answer') return { ...record, state: 'unknown', detail: alias.why };
  return { ...record, state: 'missing', detail: '' };
}
