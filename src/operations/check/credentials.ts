import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from '../../cloud/account.js';
import { answerTime } from '../../cloud/answer-time.js';
import { client } from '../../cloud/clients.js';
import type { Identity } from '../../cloud/identity.js';
import { type Finding, fine, unknown, wrong } from './finding.js';

/** AWS rejects requests whose time differs from its own by more than this. */
const MOST_SKEW_SECONDS = 5 * 60;

/**
 * Identity of the credentials, and by how many seconds this machine's clock is ahead of AWS's, if AWS returned its
 * time.
 */
export interface Caller extends Identity {
  readonly skew?: number;
}

/** Gets the identity of the credentials and AWS's time. Throws if the credentials are not valid. */
export async function caller(account: Account): Promise<Caller> {
  const command = new GetCallerIdentityCommand({});
  const answered = answerTime(command);
  const answer = await client(account, STSClient).send(command);
  const theirs = answered();
  return {
    account: answer.Account ?? '',
    arn: answer.Arn ?? '',
    ...(theirs && { skew: (account.clock.now().getTime() - theirs.getTime()) / 1000 }),
  };
}

export function judgeCaller({ account, arn, skew }: Caller): Finding[] {
  const who = arn.endsWith(':root') ? 'its root user' : arn.split(':').pop();
  return [fine('credentials', `account ${account}, as ${who}`), judgeClock(skew)];
}

function judgeClock(skew: number | undefined): Finding {
  if (skew === undefined) return unknown('clock', 'AWS did not return its time');
  const off = `${Math.abs(Math.round(skew))} s ${skew < 0 ? 'behind' : 'ahead of'} AWS’s`;
  if (Math.abs(skew) < MOST_SKEW_SECONDS) return fine('clock', Math.abs(skew) < 2 ? 'as AWS’s' : off);
  return wrong(
    'clock',
    `this machine’s clock is ${off}; AWS allows five minutes`,
    'Set the clock ("timedatectl set-ntp true").',
  );
}
