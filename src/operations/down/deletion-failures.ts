import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { resourceName } from '../../stack/resource-names.js';

/** What CloudFormation says of something that it could not delete, and what that means. First match wins. */
const MEANINGS: readonly { readonly pattern: RegExp; readonly why: string; readonly now: string }[] = [
  {
    pattern: /bucket.*not empty|BucketNotEmpty/i,
    why: 'there are files in it',
    now: 'Something goes on writing into the bucket; find out what, and stop it.',
  },
  {
    pattern: /lifecycle (action|hook)|Terminating:Wait|did not stabilize/i,
    why: 'a machine waits at a lifecycle hook, or does not end',
    now: 'In the EC2 console, terminate the machines that carry the deployment’s tag.',
  },
  {
    pattern: /mapped public address/i,
    why: 'a public address in the network is still in use',
    now: 'In the EC2 console, see which network interface of the VPC has it, and remove what that belongs to.',
  },
  {
    pattern: /dependent object|DependencyViolation|has dependencies|currently in use by|resource .* in use/i,
    why: 'something else still uses it: a network interface, a machine, or a security group’s rule',
    now: 'Something that convoke did not make is in this network, and not what GuardDuty puts there, which was removed. The VPC console shows its network interfaces and security groups.',
  },
  {
    pattern: /must (detach|remove|delete)|DeleteConflict|attached to|is used by/i,
    why: 'a policy, an instance profile or a machine still has it',
    now: 'Somebody attached something to this role. The IAM console shows it: take it away.',
  },
  {
    pattern: /ResourceInUse|in use by|certificate .* in use/i,
    why: 'something that convoke did not make uses it',
    now: 'See in the console of its service what uses it, and take that away.',
  },
  {
    pattern: /InvalidChangeBatch|does not match|not permitted .* zone/i,
    why: 'the record is not what it was when it was made',
    now: 'Somebody changed it by hand: remove it in the Route 53 console.',
  },
  {
    pattern: /(role|Role).* (is invalid|cannot be assumed)/i,
    why: 'the role that CloudFormation deletes with is gone',
    now: '"convoke up" makes it again.',
  },
  {
    pattern: /not authorized|AccessDenied|UnauthorizedOperation|explicit deny/i,
    why: 'CloudFormation may not delete it',
    now: 'See whether a policy of the organisation forbids it, or somebody changed the bootstrap stack’s role.',
  },
  {
    pattern: /Throttling|Rate exceeded|TooManyRequests/i,
    why: 'the account makes more calls than AWS allows at a time',
    now: 'Wait some minutes.',
  },
];

/** Something that CloudFormation could not delete, in words. */
export interface DeletionFailure {
  /** Type and id, `EC2::SecurityGroup sg-0123`; or what it is in words, where it has no id yet. */
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
      : resourceName(LogicalResourceId, ResourceType),
    why: meaning?.why ?? (ResourceStatusReason || 'CloudFormation gave no reason'),
    now: meaning?.now ?? 'The events of the stack in the CloudFormation console say more.',
  };
}

/** All of it as one text: each thing with its reason, and each advice once. */
export function describeDeletionFailures(stuck: readonly DeletionFailure[]): {
  readonly why: string;
  readonly now: string;
} {
  return {
    why: `${stuck.map(({ what, why }) => `${what}: ${why}`).join('; ')}.`,
    now: [...new Set(stuck.map(({ now }) => now))].join(' '),
  };
}
