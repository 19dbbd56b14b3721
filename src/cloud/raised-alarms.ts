import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Alarms in the state ALARM whose names begin with a prefix, by name, and since when they are. */
export async function raisedAlarms(account: Account, prefix: string): Promise<ReadonlyMap<string, Date>> {
  const found = new Map<string, Date>();
  const pages = paginateDescribeAlarms(
    { client: client(account, CloudWatchClient) },
    { AlarmNamePrefix: prefix, StateValue: 'ALARM', MaxRecords: 100 },
  );
  // Clouds other than AWS may ignore the requested state.
  for await (const { MetricAlarms = [] } of pages)
    for (const { AlarmName, StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } of MetricAlarms)
      if (AlarmName && StateValue === 'ALARM')
        found.set(AlarmName, StateTransitionedTimestamp ?? StateUpdatedTimestamp ?? account.clock.now());
  return found;
}
