import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { recordLookup } from '../dns/lookup.js';
import { manualRecords } from '../dns/manual-records.js';
import type { SeenRecord } from '../dns/record.js';
import { type Finding, finding, fine, unknown } from './finding.js';

/** The records that the person writes, as far as they are known by now. Nothing, where convoke writes them. */
export async function records(account: Account, deployment: Deployment): Promise<Finding[]> {
  if (deployment.dns.kind !== 'manual') return [];
  return finding(
    'records',
    async () => recordLookup(account)(await manualRecords(account, deployment)),
    judgeRecords,
  );
}

/** None of it stands in the way of `up`, which shows the records and waits for them. */
export function judgeRecords(seen: readonly SeenRecord[]): Finding[] {
  if (seen.length === 0)
    return [fine('records', 'yours to add: "up" shows which, and waits until it sees them')];
  return seen.map(({ name, type, value, state, detail, purpose }) =>
    state === 'seen'
      ? fine('records', `${name} ${purpose}`)
      : unknown(
          'records',
          `${name} ${detail || 'is not in DNS yet'}`,
          `Add it where the zone is kept: ${name} ${type} ${value}`,
        ),
  );
}
