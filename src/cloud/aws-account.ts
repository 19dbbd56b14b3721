import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { systemClock } from './clock.js';

/**
 * The AWS account of the user's credentials, from the same sources as the AWS CLI: environment, profile, SSO,
 * instance role. Throws `CredentialsMissing` if there are none, and the error of a service that has to return them.
 */
export async function awsAccount(region: string): Promise<Account> {
  const credentials = fromNodeProviderChain({ clientConfig: { region } });
  try {
    await credentials();
  } catch (error) {
    const profile = process.env.AWS_PROFILE;
    const cause = profile ? await whyNoCredentials(profile, region, error) : error;
    if (isOfService(cause)) throw cause;
    throw new ConvokeError('CredentialsMissing', {
      what: profile ? `No AWS credentials found for the profile "${profile}".` : 'No AWS credentials found.',
      why: (cause instanceof Error ? cause.message : String(cause)).trim(),
      now: 'Log in as for the AWS CLI ("aws configure", "aws sso login", or AWS_PROFILE), then run the same command again.',
      fault: 'user',
      cause,
    });
  }
  return { region, credentials, clock: systemClock, dns: { kind: 'public' }, lacks: [] };
}

/** The reason of the profile alone, because the chain of sources reports only that the last one failed. */
const whyNoCredentials = (profile: string, region: string, otherwise: unknown): Promise<unknown> =>
  fromIni({ profile, clientConfig: { region } })().then(
    () => otherwise,
    (error: unknown) => error,
  );

/** Whether a service returned the error, or could not be reached: STS for a role, or IAM Identity Center. */
const isOfService = (error: unknown): boolean =>
  error instanceof Error && ('code' in error || '$metadata' in error);
