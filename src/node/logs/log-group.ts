import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { instanceCredentials } from '../metadata.js';
import { batches, type LogEvent } from './batch.js';

/** Sends events; rejects if CloudWatch does not accept them. */
export type Send = (events: readonly LogEvent[]) => Promise<void>;

/** Writes to a log stream, which is created when it does not exist. */
export function logStream(region: string, logGroupName: string, logStreamName: string): Send {
  const logs = new CloudWatchLogsClient({ region, credentials: instanceCredentials, maxAttempts: 3 });
  const put = (events: readonly LogEvent[]) =>
    logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [...events] }));
  const create = () =>
    logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch((error: unknown) => {
      if ((error as Error).name !== 'ResourceAlreadyExistsException') throw error;
    });
  return async (events) => {
    for (const batch of batches(events)) {
      await put(batch).catch(async (error: unknown) => {
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        await create();
        await put(batch);
      });
    }
  };
}
