import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { systemClock } from './clock.js';

/**
 * The AWS account of the user's credentials, from the same sources as the AWS CLI: environment, profile, SSO,
 * instance role. Throws `CredentialsMissing` if there are none.
 */
export async function awsAccount(region: string): Promise<Account> {
  const credentials = fromNodeProviderChain({ clientConfig: { region } });
  try {
    await credentials();
  } catch (cause) {
    throw new ConvokeError('CredentialsMissing', {
      what: 'No AWS credentials found.',
      why: cause instanceof Error ? cause.message : String(cause),
      now: 'Log in as for the AWS CLI ("aws configure", "aws sso login", or AWS_PROFILE), then run the same command again.',
      fault: 'user',
      cause,
    });
  }
  return { region, credentials, clock: systemClock, dns: { kind: 'public' }, lacks: [] };
}
