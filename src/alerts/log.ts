import { setTimeout as wait } from 'node:timers/promises';
import { PutParameterCommand, paginateGetParameterHistory, type SSMClient } from '@aws-sdk/client-ssm';
import { type LogEntry, logEntry, type Occurrence } from '../contract/alerts.js';

/**
 * The log of a deployment: the versions of one parameter. Several executions of the function may run at once; each
 * appends what it was told, and Parameter Store decides on the order. So nothing is overwritten, and no execution has
 * to wait for another.
 */
export class AlertLog {
  constructor(
    private readonly ssm: SSMClient,
    private readonly name: string,
  ) {}

  /** All entries, oldest first. With `upTo`, those up to this version, once its predecessor can be read. */
  async read(upTo = Number.POSITIVE_INFINITY): Promise<LogEntry[]> {
    for (let attempt = 1; ; attempt++) {
      const found: { readonly version: number; readonly text: string }[] = [];
      for await (const page of paginateGetParameterHistory({ client: this.ssm }, { Name: this.name }))
        for (const { Version = 0, Value = '' } of page.Parameters ?? [])
          if (Version <= upTo) found.push({ version: Version, text: Value });
      found.sort((one, other) => one.version - other.version);
      const versions = found.map(({ version }) => version);
      const isComplete =
        upTo === Number.POSITIVE_INFINITY ||
        (versions.includes(upTo) && (upTo === 1 || versions.includes(upTo - 1)));
      // Reading may lag behind writing for a moment.
      if (isComplete || attempt === 5) return found.flatMap(({ text }) => logEntry(text) ?? []);
      await wait(200 * attempt);
    }
  }

  /** Appends an entry, and returns its version. */
  async append(entry: LogEntry): Promise<number> {
    const { Version = 0 } = await this.ssm.send(
      new PutParameterCommand({ Name: this.name, Value: JSON.stringify(entry), Overwrite: true }),
    );
    return Version;
  }
}

export const occurrencesIn = (entries: readonly LogEntry[]): Occurrence[] =>
  entries.flatMap((entry) => ('occurrence' in entry ? [entry.occurrence] : []));
