import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { systemClock } from './clock.js';

/**
 * The AWS account that the person's credentials lead to, found as the AWS CLI finds them: environment, profile, SSO,
 * machine role. Throws `CredentialsMissing` where there are none.
 */
export async function awsAccount(region: string): Promise<Account> {
  const credentials = fromNodeProviderChain({ clientConfig: { region } });
  try {
    await credentials();
  } catch (cause) {
    throw new ConvokeError('CredentialsMissing', {
      what: 'There are no AWS credentials.',
      why: cause instanceof Error ? cause.message : String(cause),
      now: 'Log in as for the AWS CLI ("aws configure", "aws sso login", or AWS_PROFILE), then run the same command again.',
      fault: 'person',
      cause,
    });
  }
  return { region, credentials, clock: systemClock };
}
