import { plainName } from '../../cloud/certificates.js';
import type { Answer } from './resolver.js';

/** A record that a person keeps where the zone of the domain is. Names and values without a dot at the end. */
export interface ManualRecord {
  readonly name: string;
  readonly type: 'CNAME';
  readonly value: string;
  /** What it is for, in a person's words. */
  readonly purpose: string;
}

/** The same, and what DNS says of it. */
export interface SeenRecord extends ManualRecord {
  /** `wrong`: the name leads elsewhere. `unknown`: DNS gave no answer. */
  readonly state: 'seen' | 'missing' | 'wrong' | 'unknown';
  /** Where the name leads instead, or why nobody knows; else empty. */
  readonly detail: string;
}

/** What DNS says about a record's name. */
export interface Sight {
  readonly alias: Answer<string>;
  /** Addresses of the name and of the record's value. For records that lead somewhere; a proof leads nowhere. */
  readonly addresses?: { readonly name: Answer<string>; readonly value: Answer<string> };
}

/**
 * What a record is worth. At the top of a zone no CNAME may stand: a provider's ALIAS or ANAME then answers with addresses,
 * so a name that leads to one of the value's addresses counts too.
 */
export function judgeRecord(record: ManualRecord, { alias, addresses }: Sight): SeenRecord {
  const of = (answer: Answer<string> | undefined) =>
    answer?.kind === 'records' ? answer.records.map(plainName) : [];
  const aliases = of(alias);
  const own = of(addresses?.name);
  if (aliases.includes(record.value)) return { ...record, state: 'seen', detail: '' };
  if (own.some((address) => of(addresses?.value).includes(address)))
    return { ...record, state: 'seen', detail: '' };
  const elsewhere = aliases.length ? aliases : own;
  if (elsewhere.length) return { ...record, state: 'wrong', detail: `leads to ${elsewhere.join(', ')}` };
  if (alias.kind === 'no answer') return { ...record, state: 'unknown', detail: alias.why };
  return { ...record, state: 'missing', detail: '' };
}
