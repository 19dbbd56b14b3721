import { createHash } from 'node:crypto';

/**
 * Names that are needed before a deployment exists, or after it is deleted. All of them derive from the deployment's
 * name, so that `down` finds what `up` created without any stored state.
 */

/** Every name starts with this. It is also the name of the stack, and of the load balancer and its target group. */
export const namePrefix = (deployment: string): string => `convoke-${deployment}`;

export const stackName = namePrefix;

/**
 * TURN's load balancer and its target group. AWS limits these names to 32 characters, of which the deployment's name
 * may take 20.
 */
export const turnBalancerName = (deployment: string): string => `convoke-${deployment}-tls`;

/** Secrets Manager secret from which the shards' passwords and the key of invitations are derived. */
export const seedName = (deployment: string): string => `convoke-${deployment}-seed`;

/** Secrets Manager secret from which the password of the bridges' account is derived. */
export const bridgeSeedName = (deployment: string): string => `convoke-${deployment}-bridges/seed`;

/**
 * What sends alerts: a Lambda function, its log group, the SNS topic that it publishes to, and the Systems Manager parameter
 * whose versions are the log of events that mail is about.
 */
export const alertsName = (deployment: string): string => `convoke-${deployment}-alerts`;

/** CloudWatch log group of the machines. */
export const logsName = (deployment: string): string => `convoke-${deployment}-logs`;

/** Secrets Manager secret with the addresses of webhooks. */
export const webhooksName = (deployment: string): string => `convoke-${deployment}-webhooks`;

/** Secrets Manager secret with the secret of the client at the provider where hosts sign in. */
export const loginName = (deployment: string): string => `convoke-${deployment}-login/client`;

/** File in the node bundle's folder with the function that turns events into mail. */
export const ALERTS_ARCHIVE = 'convoke-alerts.zip';

/** CloudWatch alarm that sends mail. */
export const alarmName = (deployment: string, alarm: string): string =>
  `convoke-${deployment}-alert-${alarm}`;

/** CloudWatch dashboard. Dashboards belong to an account, not to a region, so the name includes the region. */
export const dashboardName = (deployment: string, region: string): string =>
  `convoke-${deployment}-dashboard-${region}`;

/** Auto Scaling group of a shard's machine. */
export const shardGroupName = (deployment: string, shard: string): string =>
  `convoke-${deployment}-shard-${shard}`;

/** Auto Scaling group of the bridges. */
export const bridgesGroupName = (deployment: string): string => `convoke-${deployment}-bridges`;

/** Auto Scaling group of the recorders. */
export const recordersGroupName = (deployment: string): string => `convoke-${deployment}-recorders`;

/** Secrets Manager secret from which the passwords of the recorders' accounts are derived. */
export const recorderSeedName = (deployment: string): string => `convoke-${deployment}-recorders/seed`;

/** Launch template, role and instance profile of the machine that a machine image is made from, and its name. */
export const imageBuilderName = (deployment: string): string => `convoke-${deployment}-image`;

/**
 * What the agent of AWS Systems Manager needs for sessions (Systems Manager user guide, "Create a custom IAM role for Session
 * Manager"), without what it needs for encryption of logs with a key, which sessions here do not have.
 */
export const SESSION_ACTIONS = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
] as const;

/** Lifecycle hook at which a machine waits after its launch until it serves. */
export const LAUNCH_HOOK = 'convoke-launch';

/** `a`, `b`, … */
export const shardNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String.fromCharCode('a'.charCodeAt(0) + index));

/** The stack with the bucket of recordings. It stays when a deployment is deleted, unless its recordings are deleted, too. */
export const recordingsStackName = (deployment: string): string => `convoke-${deployment}-recordings`;

export const bootstrapStackName = (deployment: string): string => `convoke-${deployment}-bootstrap`;

/** The deployment of a bootstrap stack; undefined for other stacks. */
export const bootstrapDeployment = (stack: string): string | undefined =>
  /^convoke-(.+)-bootstrap$/.exec(stack)?.[1];

/** CDK qualifier: at most ten letters and digits. Each deployment has its own, because no bootstrap stack is shared. */
export const qualifier = (deployment: string): string =>
  `c${createHash('sha256').update(deployment).digest('hex').slice(0, 9)}`;

/** Bucket names are global, so the name includes account and region, which may be CloudFormation tokens. */
export const assetsBucketName = (deployment: string, account: string, region: string): string =>
  `convoke-${deployment}-${account}-${region}`;

/** Bucket with the recordings. At most 63 characters, with the longest names of deployments and regions. */
export const recordingsBucketName = (deployment: string, account: string, region: string): string =>
  `convoke-${deployment}-rec-${account}-${region}`;

/** IAM names are unique in an account, so the name includes the region. */
export const roleName = (
  deployment: string,
  purpose: 'deploy' | 'publish' | 'execute',
  region: string,
): string => `convoke-${deployment}-${purpose}-${region}`;

/** IAM role of a group's machines, and its instance profile. */
export const machineRoleName = (group: string, region: string): string => `${group}-${region}`;

/**
 * EventBridge rule. A name generated by CloudFormation may contain a truncated stack name, and would then not match
 * the policies.
 */
export const ruleName = (deployment: string, what: string): string => `convoke-${deployment}-${what}`;

/** Source of the event with which `up` verifies that mail is delivered. */
export const MAIL_CHECK_SOURCE = 'convoke.check';

/** Rule that passes events to the function that sends alerts. */
export const ALERTS_RULE = 'alerts';

/** Rule that has the same function open and close the page. */
export const HOURS_RULE = 'hours';

/** What the alarms that scale bridges watch. */
export const SCALING_ALARMS = ['stress-average', 'stress-maximum', 'idle'] as const;

/** CloudWatch alarm that scales bridges. */
export const scalingAlarmName = (deployment: string, what: (typeof SCALING_ALARMS)[number]): string =>
  `${bridgesGroupName(deployment)}-${what}`;

/** What the alarms that scale recorders watch. */
export const RECORDER_ALARMS = ['lacking', 'surplus'] as const;

/** CloudWatch alarm that scales recorders. */
export const recorderAlarmName = (deployment: string, what: (typeof RECORDER_ALARMS)[number]): string =>
  `${recordersGroupName(deployment)}-${what}`;

/** Systems Manager parameter with the lock of a deployment. */
export const lockName = (deployment: string): string => `/convoke/${deployment}/lock`;

/**
 * Systems Manager parameter with the validation records of the deployment's certificate. CloudFormation does not
 * delete these records with the certificate, and only the certificate has the list of them.
 */
export const proofsName = (deployment: string): string => `/convoke/${deployment}/proofs`;

/** Budgets belong to an account, not to a region, so the name includes the region. */
export const budgetPrefix = (deployment: string, region: string): string =>
  `convoke-${deployment}-${region}-`;

/**
 * A budget's mail address cannot be changed. A new address creates a new budget, whose name must differ while both
 * exist.
 */
export const budgetName = (deployment: string, region: string, email: string): string =>
  `${budgetPrefix(deployment, region)}${createHash('sha256').update(email).digest('hex').slice(0, 8)}`;

/**
 * IAM path of everything that `policy --apply` creates. Because of it, rights for `convoke-<name>-*` do not cover the
 * deployer.
 */
export const DEPLOYER_PATH = '/convoke/';

/** The user or role with only the rights to deploy this deployment, and the prefix of its policies' names. */
export const deployerName = (deployment: string, region: string): string =>
  `convoke-${deployment}-deployer-${region}`;

/** The managed policy that is the permissions boundary of the deployment's roles. */
export const boundaryName = (deployment: string, region: string): string =>
  `convoke-${deployment}-boundary-${region}`;
