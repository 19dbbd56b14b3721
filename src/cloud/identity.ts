import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Who the credentials are. */
export interface Identity {
  /** Number of the account, 12 digits. */
  readonly account: string;
  /** ARN of the user, of the role's session, or of the account's root user. */
  readonly arn: string;
}

/** Asks AWS who the credentials are; it answers whoever they are, whatever their rights. */
export async function callerIdentity(account: Account): Promise<Identity> {
  const answer = await client(account, STSClient).send(new GetCallerIdentityCommand({}));
  return { account: answer.Account ?? '', arn: answer.Arn ?? '' };
}
