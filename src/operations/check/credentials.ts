import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import type { Identity } from '../../cloud/identity.js';
import { type Finding, fine, unknown, wrong } from './finding.js';

/** AWS refuses a request whose time is further than this from its own. */
const MOST_SKEW_SECONDS = 5 * 60;

/** Who the credentials are, and how far this machine's clock is ahead of AWS's, in seconds, where AWS told its own. */
export interface Caller extends Identity {
  readonly skew?: number;
}

/** Asks AWS who is calling, and what time it is. Throws where it does not know the credentials. */
export async function caller(account: Account): Promise<Caller> {
  let date: string | undefined;
  const command = new GetCallerIdentityCommand({});
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = (result.response as { headers?: Record<string, string> }).headers?.date;
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const answer = await client(account, STSClient).send(command);
  const theirs = date ? Date.parse(date) : Number.NaN;
  return {
    account: answer.Account ?? '',
    arn: answer.Arn ?? '',
    ...(Number.isFinite(theirs) && { skew: (account.clock.now().getTime() - theirs) / 1000 }),
  };
}

export function judgeCaller({ account, arn, skew }: Caller): Finding[] {
  const who = arn.endsWith(':root') ? 'its root user' : arn.split(':').pop();
  return [fine('credentials', `account ${account}, as ${who}`), judgeClock(skew)];
}

function judgeClock(skew: number | undefined): Finding {
  if (skew === undefined) return unknown('clock', 'AWS did not say what time it is');
  const off = `${Math.abs(Math.round(skew))} s ${skew < 0 ? 'behind' : 'ahead of'} AWS’s`;
  if (Math.abs(skew) < MOST_SKEW_SECONDS) return fine('clock', Math.abs(skew) < 2 ? 'as AWS’s' : off);
  return wrong(
    'clock',
    `this machine’s is ${off}, and AWS allows five minutes`,
    'Set the clock ("timedatectl set-ntp true").',
  );
}
