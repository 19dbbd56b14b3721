import { isFailure } from '../../alerts/event.js';
import type { Account } from '../../cloud/account.js';
import { terminations } from '../../cloud/activities.js';
import { alarmHistory } from '../../cloud/alarm-history.js';
import { ALARMS } from '../../contract/alerts.js';
import {
  alarmName,
  bridgesGroupName,
  recordersGroupName,
  shardGroupName,
  shardNames,
} from '../../contract/names.js';
import type { History } from './figures.js';

/** A deployment may have had more shards than now; those that never existed have no history. */
export const EVERY_SHARD = shardNames(8);

export const groupNames = (deployment: string): string[] => [
  ...EVERY_SHARD.map((shard) => shardGroupName(deployment, shard)),
  bridgesGroupName(deployment),
  recordersGroupName(deployment),
];

/** The changes of a deployment's alarms, and its machines that failed and were replaced. */
export async function incidentHistory(
  account: Account,
  deployment: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<Pick<History, 'alarms' | 'failed'>> {
  const terminated = Promise.all(groupNames(deployment).map((group) => terminations(account, group, from)));
  // While the alarms are read, a failure here is not an unhandled rejection.
  terminated.catch(() => undefined);
  const alarms: History['alarms'][number][] = [];
  // One after the other: CloudWatch accepts few of these requests a second.
  for (const alarm of ALARMS)
    alarms.push({ alarm, changes: await alarmHistory(account, alarmName(deployment, alarm), from, to) });
  return {
    alarms,
    failed: (await terminated)
      .flat()
      .filter(({ cause, at }) => isFailure(cause) && at < to)
      .sort((a, b) => a.at.getTime() - b.at.getTime()),
  };
}
