import { CloudWatchClient, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import type { Account } from './account.js';
import { client } from './clients.js';

/** A change of an alarm's state. */
export interface AlarmChange {
  readonly at: Date;
  readonly from: string;
  /** `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  readonly to: string;
}

const state = z.object({ stateValue: z.string() });
const Data = z.object({ oldState: state, newState: state });

/** Changes of one alarm's state, oldest first. CloudWatch keeps them for 30 days, also of deleted alarms. */
export async function alarmHistory(
  account: Account,
  AlarmName: string,
  from: Date,
  to: Date,
): Promise<AlarmChange[]> {
  const found: AlarmChange[] = [];
  const pages = paginateDescribeAlarmHistory(
    { client: client(account, CloudWatchClient) },
    { AlarmName, HistoryItemType: 'StateUpdate', StartDate: from, EndDate: to, MaxRecords: 100 },
  );
  for await (const { AlarmHistoryItems = [] } of pages)
    for (const { Timestamp, HistoryData = '' } of AlarmHistoryItems) {
      const data = parsed(HistoryData);
      if (data && Timestamp)
        found.push({ at: Timestamp, from: data.oldState.stateValue, to: data.newState.stateValue });
    }
  return found.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function parsed(text: string): z.infer<typeof Data> | undefined {
  try {
    return Data.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
