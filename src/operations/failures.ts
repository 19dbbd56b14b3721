import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { ConvokeError } from '../config/errors.js';

/** A pattern in CloudFormation's or a service's words, and what it means to a person. First match wins. */
const MEANINGS: readonly { pattern: RegExp; name: string; why: string; now: string; fault?: 'person' }[] = [
  {
    pattern: /ExpiredToken|security token .* expired|token included in the request is expired/i,
    name: 'CredentialsExpired',
    why: 'The AWS credentials expired on the way.',
    now: 'Log in again and run the same command: it goes on from where it was.',
    fault: 'person',
  },
  {
    pattern: /not authorized to perform|AccessDenied|UnauthorizedOperation/i,
    name: 'NotAllowed',
    why: 'The credentials, or the role made for CloudFormation, lack a right.',
    now: 'Give the right that the message names, then run the same command again.',
    fault: 'person',
  },
  {
    pattern: /LimitExceeded|quota|maximum number of .* has been reached/i,
    name: 'QuotaReached',
    why: 'The account may not have more of this in the region.',
    now: 'Ask AWS for a higher quota (Service Quotas), or remove what is not used, then run the same command again.',
    fault: 'person',
  },
  {
    pattern: /InsufficientInstanceCapacity|do not have sufficient .* capacity/i,
    name: 'NoCapacity',
    why: 'AWS has no free machine of this type in the zone at the moment.',
    now: 'Wait a while, or name another instance type under "machines", then run the same command again.',
  },
  {
    pattern: /already exists/i,
    name: 'NameTaken',
    why: 'Something of that name is there already, made by something else or left by an earlier attempt.',
    now: 'Run "convoke down" for what an earlier attempt left, or choose another "name", then run the same command again.',
    fault: 'person',
  },
  {
    pattern: /ROLLBACK_COMPLETE|ROLLBACK_FAILED|_FAILED state/i,
    name: 'StackStuck',
    why: 'An earlier attempt failed and left its stack behind.',
    now: 'Run "convoke down", then "convoke up".',
  },
  {
    pattern: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|socket hang up/i,
    name: 'NoConnection',
    why: 'AWS could not be reached.',
    now: 'Check the network and run the same command again.',
  },
];

/** CloudFormation cancels what was under way when something else failed; that is noise beside the cause. */
const CANCELLED = /Resource creation cancelled|cancelled/i;

/** Turns what a deployment threw, and the failed events seen on the way, into one error a person can act on. */
export function explainFailure(error: unknown, failed: readonly StackEvent[]): ConvokeError {
  if (error instanceof ConvokeError) return error;
  const cause = failed.find((event) => !CANCELLED.test(event.ResourceStatusReason ?? ''));
  const words = cause?.ResourceStatusReason ?? (error instanceof Error ? error.message : String(error));
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(words));
  return new ConvokeError(meaning?.name ?? 'DeploymentFailed', {
    what: cause
      ? `CloudFormation could not make ${cause.LogicalResourceId} (${cause.ResourceType}): ${words}`
      : `The deployment failed: ${words}`,
    why: meaning?.why ?? '',
    now:
      meaning?.now ??
      'Run the same command again; if it fails the same way, "convoke down" takes back what was made.',
    fault: meaning?.fault ?? 'convoke',
    cause: error,
  });
}
