import { createHash } from 'node:crypto';

/**
 * Names that have to be known before anything is deployed, or after it is gone. All derive from the deployment's name,
 * so that `down` finds what `up` made even if nothing was written down in between.
 */

export const stackName = (deployment: string): string => `convoke-${deployment}`;

/** Load balancer of TURN, and its target group. AWS gives such names 32 characters, of which the deployment may have 20. */
export const turnBalancerName = (deployment: string): string => `convoke-${deployment}-tls`;

/** Secrets Manager secret that the passwords of shards are derived from, the key of invitations among them. */
export const seedName = (deployment: string): string => `convoke-${deployment}-seed`;

/** Secrets Manager secret that the password of the bridges' account is derived from. */
export const bridgeSeedName = (deployment: string): string => `convoke-${deployment}-bridges/seed`;

/** `a`, `b`, … */
export const shardNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String.fromCharCode('a'.charCodeAt(0) + index));

export const bootstrapStackName = (deployment: string): string => `convoke-${deployment}-bootstrap`;

/** Ten characters at most, letters and digits, as CDK wants a qualifier. One per deployment: no bootstrap stack is shared. */
export const qualifier = (deployment: string): string =>
  `c${createHash('sha256').update(deployment).digest('hex').slice(0, 9)}`;

/** Bucket names are global, so account and region are in it. `account` and `region` may be CloudFormation tokens. */
export const assetsBucketName = (deployment: string, account: string, region: string): string =>
  `convoke-${deployment}-${account}-${region}`;

/** IAM names are global in an account, so the region is in it. */
export const roleName = (
  deployment: string,
  purpose: 'deploy' | 'publish' | 'execute',
  region: string,
): string => `convoke-${deployment}-${purpose}-${region}`;

/** Role of the machines of a group, and the instance profile that gives it to them. */
export const machineRoleName = (group: string, region: string): string => `${group}-${region}`;

/**
 * EventBridge rule. CloudFormation would make a name up, and cut the stack's name for it where the two together are too
 * long; then it would no longer begin as the policies expect.
 */
export const ruleName = (deployment: string, what: string): string => `convoke-${deployment}-${what}`;

/** Budgets belong to an account, not to a region, so the region is in it. */
export const budgetPrefix = (deployment: string, region: string): string =>
  `convoke-${deployment}-${region}-`;

/**
 * Whom a budget mails cannot be changed, so another address makes another budget, and it needs another name as long as
 * both are there.
 */
export const budgetName = (deployment: string, region: string, email: string): string =>
  `${budgetPrefix(deployment, region)}${createHash('sha256').update(email).digest('hex').slice(0, 8)}`;

/** Path of what `policy --apply` makes. It keeps the deployer out of reach of rights that are given for `convoke-<name>-*`. */
export const DEPLOYER_PATH = '/convoke/';

/** The user or role that may deploy this and nothing else, and the stem of its policies' names. */
export const deployerName = (deployment: string, region: string): string =>
  `convoke-${deployment}-deployer-${region}`;

/** The managed policy that limits the deployment's roles. */
export const boundaryName = (deployment: string, region: string): string =>
  `convoke-${deployment}-boundary-${region}`;
