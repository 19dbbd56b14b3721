import type { Stack, StackStatus } from '@aws-sdk/client-cloudformation';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Account } from '../../cloud/account.js';
import { client, isAbsent, isBucketOfOthers } from '../../cloud/clients.js';
import type { Identity } from '../../cloud/identity.js';
import { findStack, outputs } from '../../cloud/stacks.js';
import type { Deployment } from '../../config/deployment.js';
import { assetsBucketName, bootstrapStackName, stackName } from '../../contract/names.js';
import { OUTPUTS } from '../../contract/template.js';
import { stackState } from '../stack-states.js';
import { type Finding, finding, fine, wrong } from './finding.js';

export interface NameFacts {
  readonly name: string;
  /** The stack's state, and whether convoke created it; undefined if no stack of this name exists. */
  readonly stack: { readonly status: StackStatus; readonly ours: boolean } | undefined;
  readonly bootstrap: boolean;
  readonly bucket: 'free' | 'own' | 'others';
}

/** Whether the names that `up` uses are available, or used by this deployment. */
export async function nameConflicts(
  account: Account,
  { name, region }: Deployment,
  identity: Identity,
): Promise<Finding[]> {
  return finding(
    'names',
    async () => {
      const [stack, bootstrap, bucket] = await Promise.all([
        findStack(account, stackName(name)),
        findStack(account, bootstrapStackName(name)),
        bucketState(account, assetsBucketName(name, identity.account, region)),
      ]);
      return {
        name,
        stack: stack?.StackStatus && { status: stack.StackStatus, ours: isOurs(stack) },
        bootstrap: bootstrap !== undefined,
        bucket,
      };
    },
    (facts) => [judgeNames(facts)],
  );
}

/** By its description; a stack without one by its outputs. */
const isOurs = (stack: Stack): boolean =>
  stack.Description ? stack.Description.endsWith('made by convoke') : OUTPUTS.url in outputs(stack);

async function bucketState(account: Account, bucket: string): Promise<NameFacts['bucket']> {
  try {
    await client(account, S3Client).send(new HeadBucketCommand({ Bucket: bucket }));
    return 'own';
  } catch (error) {
    if (isAbsent(error)) return 'free';
    if (isBucketOfOthers(error)) return 'others';
    throw error;
  }
}

export function judgeNames({ name, stack, bootstrap, bucket }: NameFacts): Finding {
  const another = 'Choose another "name".';
  if (stack && !stack.ours)
    return wrong('names', `the stack ${stackName(name)} exists and was not created by convoke`, another);
  if (bucket === 'others')
    return wrong(
      'names',
      'the bucket’s name is used by another account, or these credentials may not access it',
      `${another} Or grant the permissions that "convoke policy" prints.`,
    );
  if (bucket === 'own' && !bootstrap)
    return wrong('names', 'the bucket of an earlier attempt still exists', 'Run "convoke down" first.');
  if (!stack) return fine('names', `${stackName(name)} is available`);
  const { next, means } = stackState(stack.status);
  return fine(
    'names',
    next === 'deploy'
      ? `${stackName(name)} exists: "up" updates it`
      : `${stackName(name)} ${means}: "up" continues from there`,
  );
}
