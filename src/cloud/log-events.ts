import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  paginateDescribeLogStreams,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** An event of a log group. */
export interface LogEvent {
  readonly id: string;
  readonly at: Date;
  readonly stream: string;
  readonly message: string;
}

/** Which events: from a time on, of all streams, or of those whose names begin like this. */
export interface Range {
  readonly from: Date;
  readonly prefix?: string;
}

/** The names of a log group's streams; undefined if the group does not exist. */
export async function logStreams(account: Account, group: string): Promise<string[] | undefined> {
  const pages = paginateDescribeLogStreams(
    { client: client(account, CloudWatchLogsClient) },
    { logGroupName: group },
  );
  return ifThere(
    (async () => {
      const names: string[] = [];
      for await (const { logStreams: streams = [] } of pages)
        names.push(...streams.flatMap(({ logStreamName }) => logStreamName ?? []));
      return names;
    })(),
  );
}

/** Events in order of time, a page at a time. A page may be empty. No pages if the group does not exist. */
export async function* logEvents(
  account: Account,
  group: string,
  { from, prefix }: Range,
): AsyncGenerator<LogEvent[]> {
  let nextToken: string | undefined;
  do {
    const page = await ifThere(
      client(account, CloudWatchLogsClient).send(
        new FilterLogEventsCommand({
          logGroupName: group,
          startTime: from.getTime(),
          ...(prefix && { logStreamNamePrefix: prefix }),
          ...(nextToken && { nextToken }),
        }),
      ),
    );
    yield (page?.events ?? []).map(event);
    nextToken = page?.nextToken;
  } while (nextToken);
}

const event = ({ eventId, timestamp, logStreamName, message }: FilteredLogEvent): LogEvent => ({
  id: eventId ?? '',
  at: new Date(timestamp ?? 0),
  stream: logStreamName ?? '',
  message: message ?? '',
});
