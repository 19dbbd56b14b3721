import { hostname } from 'node:os';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { ConvokeError } from '../config/errors.js';
import { isAlive } from '../config/process.js';
import type { Account } from './account.js';
import { client, ifThere, isAbsent } from './clients.js';
import { callerIdentity } from './identity.js';

/** Who is at work on a deployment. */
const Holder = z.object({
  verb: z.string(),
  /** ARN of the credentials. */
  who: z.string(),
  host: z.string(),
  pid: z.number(),
  /** ISO 8601. */
  since: z.string(),
});
export type Holder = z.infer<typeof Holder>;

/** A lock as it is found in the account. */
export interface Found {
  readonly holder: Holder;
  /** When its holder last gave a sign of life, by the account's clock. */
  readonly renewed: Date;
}

/** Who does not renew for so long has gone: killed, asleep, or without a network. */
const LEASE_MS = 3 * 60_000;
const RENEWAL_MS = 30_000;

/** What this process is at work on: a lock of its own that is not among it could not be released, and holds nobody up. */
const atWork = new Set<string>();

/** Systems Manager parameter that is there while somebody changes a deployment. */
export const lockName = (deployment: string): string => `/convoke/${deployment}/lock`;

/**
 * Does work on a deployment while nobody else does any: on this machine or on another. What a killed process left is
 * no obstacle on the same machine; elsewhere it is none three minutes after its last sign of life.
 * Throws `Busy`, which is told to the person, where somebody is at work.
 */
export async function whileAlone<T>(
  account: Account,
  deployment: string,
  verb: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = new Lock(account, lockName(deployment), {
    verb,
    who: (await callerIdentity(account)).arn,
    host: hostname(),
    pid: process.pid,
    since: account.clock.now().toISOString(),
  });
  await lock.take(deployment);
  atWork.add(lock.word);
  const ended = new AbortController();
  const renewing = lock.renew(ended.signal);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    ended.abort();
    await renewing;
    // What went wrong is what the person should hear; the lock expires by itself.
    await lock.release().catch(() => {});
    throw error;
  } finally {
    atWork.delete(lock.word);
  }
  ended.abort();
  await renewing;
  await lock.release();
  return result;
}

/** Whether somebody is at work. */
export function isHeld(
  { holder, renewed }: Found,
  now: Date,
  here: { readonly host: string; readonly isAlive: (pid: number) => boolean },
): boolean {
  if (holder.host === here.host && !here.isAlive(holder.pid)) return false;
  return now.getTime() - renewed.getTime() < LEASE_MS;
}

class Lock {
  private readonly ssm: SSMClient;

  constructor(
    private readonly account: Account,
    private readonly name: string,
    private readonly own: Holder,
  ) {
    this.ssm = client(account, SSMClient);
  }

  /** What it says of its holder, which no other lock says. */
  get word(): string {
    return JSON.stringify(this.own);
  }

  async take(deployment: string): Promise<void> {
    if (await this.put(false)) return;
    const found = await this.find();
    // Where the answer was lost, the SDK has asked again and found what it had put.
    if (this.isOurs(found)) return;
    const here = {
      host: this.own.host,
      isAlive: (pid: number) =>
        pid === this.own.pid ? atWork.has(JSON.stringify(found?.holder)) : isAlive(pid),
    };
    if (found && isHeld(found, this.account.clock.now(), here))
      throw busy(deployment, this.own, found.holder);
    // Somebody else may find the same leftover at the same moment: who puts first has it.
    await this.remove();
    if ((await this.put(false)) || (await this.isOwn())) return;
    const other = await this.find();
    if (other) throw busy(deployment, this.own, other.holder);
    await this.put(true);
  }

  /** Gives a sign of life now and then, until told to stop or until somebody else has the lock. */
  async renew(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.account.clock.wait(RENEWAL_MS, signal);
      } catch {
        return;
      }
      try {
        if (!(await this.isOwn())) return;
        await this.put(true);
      } catch {
        // A network that is away for a moment; the next sign of life is in time.
      }
    }
  }

  async release(): Promise<void> {
    if (await this.isOwn()) await this.remove();
  }

  private async isOwn(): Promise<boolean> {
    return this.isOurs(await this.find());
  }

  private isOurs(found: Found | undefined): boolean {
    return JSON.stringify(found?.holder) === this.word;
  }

  /** Whether it could be put: not where there is one and it is not to be replaced. */
  private async put(Overwrite: boolean): Promise<boolean> {
    try {
      await this.ssm.send(
        new PutParameterCommand({ Name: this.name, Type: 'String', Value: this.word, Overwrite }),
      );
      return true;
    } catch (error) {
      if ((error as Error).name === 'ParameterAlreadyExists') return false;
      throw error;
    }
  }

  private async remove(): Promise<void> {
    await ifThere(this.ssm.send(new DeleteParameterCommand({ Name: this.name })));
  }

  /** Undefined where there is none, or what is there is no lock. */
  private async find(): Promise<Found | undefined> {
    try {
      const { Parameter } = await this.ssm.send(new GetParameterCommand({ Name: this.name }));
      const holder = Holder.safeParse(JSON.parse(Parameter?.Value ?? ''));
      return holder.data && { holder: holder.data, renewed: Parameter?.LastModifiedDate ?? new Date(0) };
    } catch (error) {
      if (isAbsent(error) || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

function busy(deployment: string, own: Holder, other: Holder): ConvokeError {
  return new ConvokeError('Busy', {
    what: `"${other.verb}" is at work on ${deployment}, so "${own.verb}" did not begin.`,
    why: `It was begun at ${other.since.slice(0, 16).replace('T', ' ')} UTC by ${other.who} on ${other.host}.`,
    now: `Wait until it has ended. If it was killed there, this works ${LEASE_MS / 60_000} minutes after its last sign of life.`,
    fault: 'person',
  });
}
