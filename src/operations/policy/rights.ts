import { Arns } from '../../resources/arns.js';
import { mergedRights } from '../../resources/kind.js';
import { RESOURCES } from '../../resources/resources.js';
import type { Right, Scope, Verb } from '../../resources/right.js';
import { accountRights } from './account-rights.js';

/**
 * Everything that convoke's verbs ask AWS for with the credentials of the user, and nothing else. A test compares it
 * with the calls in the source, and with those that a rehearsed deployment makes.
 *
 * What CloudFormation does for the deployment itself is not in it: it acts under the bootstrap stack's execution role.
 */
export function rights(scope: Scope): Right[] {
  const { deployment, account } = scope;
  const arns = new Arns(deployment.name, { partition: 'aws', region: deployment.region, account });
  return mergedRights([
    ...accountRights(arns, scope),
    ...RESOURCES.flatMap(({ deployer }) => deployer?.(arns, scope) ?? []),
  ]);
}

/** The actions of a right, in order, each once. */
export const actionsOf = (right: Right): string[] =>
  [...new Set(right.calls.flatMap(({ actions }) => actions))].sort();

/** The commands that need an action. */
export const verbsOf = (right: Right, action: string): Verb[] => [
  ...new Set(right.calls.filter(({ actions }) => actions.includes(action)).flatMap(({ verbs }) => verbs)),
];

/** Calls that AWS never refuses: they need no right. */
export const NEVER_REFUSED: readonly string[] = ['sts:GetCallerIdentity'];

/** Actions that an SDK call needs, if they are not named like the call. */
export const OTHERWISE_NAMED: Readonly<Record<string, readonly string[]>> = {
  // The certificate is tagged when it is requested.
  'acm:RequestCertificate': ['acm:AddTagsToCertificate', 'acm:RequestCertificate'],
  'budgets:DeleteBudget': ['budgets:ModifyBudget'],
  'budgets:DescribeBudgets': ['budgets:ViewBudget'],
  'ec2:CreateImage': ['ec2:CreateImage', 'ec2:CreateTags'],
  // The launch template tags the machine, and gives it a role.
  'ec2:RunInstances': ['ec2:CreateTags', 'ec2:RunInstances', 'iam:PassRole'],
  's3:CompleteMultipartUpload': ['s3:PutObject'],
  's3:DeleteObjects': ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  's3:HeadBucket': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListMultipartUploads': ['s3:ListBucketMultipartUploads'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:ListParts': ['s3:ListMultipartUploadParts'],
};
