import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { resourceLabel } from '../../stack/resource-labels.js';

/**
 * CloudFormation's reasons for failed deletions, and their meanings. The first match wins. Separate from
 * `error-meanings.ts`: the same words, such as DependencyViolation, require a different action after a failed deletion.
 */
const MEANINGS: readonly { readonly pattern: RegExp; readonly why: string; readonly now: string }[] = [
  {
    pattern: /bucket.*not empty|BucketNotEmpty/i,
    why: 'it is not empty',
    now: 'Find out what is still writing to the bucket, and stop it.',
  },
  {
    pattern: /lifecycle (action|hook)|Terminating:Wait|did not stabilize/i,
    why: 'an instance is waiting at a lifecycle hook, or does not terminate',
    now: 'In the EC2 console, terminate the instances with the deployment’s tag.',
  },
  {
    pattern: /mapped public address/i,
    why: 'a public address in the network is still in use',
    now: 'In the EC2 console, find the network interface of the VPC that has it, and delete the resource that it belongs to.',
  },
  {
    pattern: /dependent object|DependencyViolation|has dependencies|currently in use by|resource .* in use/i,
    why: 'something else still uses it: a network interface, an instance, or a security group rule',
    now: 'The VPC has a resource that convoke did not create; GuardDuty’s endpoints were already removed. Check its network interfaces and security groups in the VPC console.',
  },
  {
    pattern: /must (detach|remove|delete)|DeleteConflict|attached to|is used by/i,
    why: 'it is still attached to a policy, an instance profile or an instance',
    now: 'Check in the IAM console what is attached to this role, and detach it.',
  },
  {
    pattern: /ResourceInUse|in use by|certificate .* in use/i,
    why: 'a resource that convoke did not create uses it',
    now: 'Check in the console of its service what uses it, and remove that.',
  },
  {
    pattern: /InvalidChangeBatch|does not match|not permitted .* zone/i,
    why: 'the record was changed after its creation',
    now: 'Delete it in the Route 53 console.',
  },
  {
    pattern: /(role|Role).* (is invalid|cannot be assumed)/i,
    why: 'CloudFormation’s service role no longer exists',
    now: 'Run "convoke up" to create it again.',
  },
  {
    pattern: /not authorized|AccessDenied|UnauthorizedOperation|explicit deny/i,
    why: 'CloudFormation lacks the permission to delete it',
    now: 'Check whether a policy of the organization denies it, or whether the bootstrap stack’s role was changed.',
  },
  {
    pattern: /Throttling|Rate exceeded|TooManyRequests/i,
    why: 'the account exceeds AWS’s request rate',
    now: 'Wait some minutes.',
  },
];

/** A resource that CloudFormation could not delete, in words. */
export interface DeletionFailure {
  /** Type and id, `EC2::SecurityGroup sg-0123`; or its description if it has no id yet. */
  readonly what: string;
  readonly why: string;
  readonly now: string;
}

export function explainDeletionFailures(event: StackEvent): DeletionFailure {
  const { ResourceType = '', PhysicalResourceId, LogicalResourceId = '', ResourceStatusReason = '' } = event;
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(ResourceStatusReason));
  return {
    what: PhysicalResourceId
      ? `${ResourceType.replace(/^AWS::/, '')} ${PhysicalResourceId}`
      : resourceLabel(LogicalResourceId, ResourceType),
    why: meaning?.why ?? (ResourceStatusReason || 'CloudFormation gave no reason'),
    now: meaning?.now ?? 'The stack’s events in the CloudFormation console show more.',
  };
}

/** Combines the failures: each resource with its reason, and each advice once. */
export function describeDeletionFailures(failures: readonly DeletionFailure[]): {
  readonly why: string;
  readonly now: string;
} {
  return {
    why: `${failures.map(({ what, why }) => `${what}: ${why}`).join('; ')}.`,
    now: [...new Set(failures.map(({ now }) => now))].join(' '),
  };
}
