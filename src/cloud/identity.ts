import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './account.js';
import { client } from './clients.js';

/** The identity of credentials. */
export interface Identity {
  /** Account number, 12 digits. */
  readonly account: string;
  /** ARN of the user, of the role's session, or of the account's root user. */
  readonly arn: string;
}

/** Gets the identity of the credentials. This needs no permissions. */
export async function callerIdentity(account: Account): Promise<Identity> {
  const answer = await client(account, STSClient).send(new GetCallerIdentityCommand({}));
  return { account: answer.Account ?? '', arn: answer.Arn ?? '' };
}
