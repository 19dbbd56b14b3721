import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { recordLookup } from '../dns/lookup.js';
import { manualRecords } from '../dns/manual-records.js';
import type { SeenRecord } from '../dns/record.js';
import { type Finding, finding, fine, unknown } from './finding.js';

/** The DNS records that the user manages, as far as they are known. No findings if convoke manages DNS. */
export async function records(account: Account, deployment: Deployment): Promise<Finding[]> {
  if (deployment.dns.kind !== 'manual') return [];
  return finding(
    'records',
    async () => recordLookup(account)(await manualRecords(account, deployment)),
    judgeRecords,
  );
}

/** Missing records do not block `up`, which shows the records and waits for them. */
export function judgeRecords(seen: readonly SeenRecord[]): Finding[] {
  if (seen.length === 0)
    return [fine('records', 'you have to add them: "up" shows them and waits until they resolve')];
  return seen.map(({ name, type, value, state, detail, purpose }) =>
    state === 'seen'
      ? fine('records', `${name} ${purpose}`)
      : unknown(
          'records',
          `${name} ${detail || 'is not in DNS yet'}`,
          `Add it at your DNS provider: ${name} ${type} ${value}`,
        ),
  );
}
