import { BudgetsClient, DeleteBudgetCommand, paginateDescribeBudgets } from '@aws-sdk/client-budgets';
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DeleteAlarmsCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetInstanceProfileCommand,
  IAMClient,
  ListRolePoliciesCommand,
  paginateListInstanceProfiles,
  paginateListRoles,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteSecretCommand,
  paginateListSecrets,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { DeleteTopicCommand, paginateListTopics, SNSClient } from '@aws-sdk/client-sns';
import { DeleteParameterCommand, paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import {
  assetsBucketName,
  bootstrapStackName,
  budgetPrefix,
  namePrefix,
  stackName,
} from '../../contract/names.js';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import type { Account } from '../account.js';
import { client, ifThere, isAbsent, isBucketOfOthers } from '../clients.js';
import { callerIdentity } from '../identity.js';
import { findStack } from '../stacks.js';
import { type Kind, NotSeen } from './kind.js';
import { isOwnName } from './own-name.js';

const rules: Kind = {
  name: 'event rules',
  async find(account, { deployment }) {
    const answer = await client(account, EventBridgeClient).send(
      new ListRulesCommand({ NamePrefix: namePrefix(deployment) }),
    );
    return (answer.Rules ?? []).map((rule) => rule.Name ?? '').filter((rule) => isOwnName(rule, deployment));
  },
  async remove(account, id) {
    const events = client(account, EventBridgeClient);
    const targets = await events.send(new ListTargetsByRuleCommand({ Rule: id }));
    const ids = (targets.Targets ?? []).map((t) => t.Id ?? '');
    if (ids.length) await events.send(new RemoveTargetsCommand({ Rule: id, Ids: ids }));
    await events.send(new DeleteRuleCommand({ Name: id }));
  },
};

const alarms: Kind = {
  name: 'alarms',
  async find(account, { deployment }) {
    const answer = await client(account, CloudWatchClient).send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${namePrefix(deployment)}-`, MaxRecords: 100 }),
    );
    return (answer.MetricAlarms ?? [])
      .map((alarm) => alarm.AlarmName ?? '')
      .filter((alarm) => isOwnName(alarm, deployment));
  },
  async remove(account, id) {
    await client(account, CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
};

const topics: Kind = {
  name: 'mail topics',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListTopics({ client: client(account, SNSClient) }, {})) {
      found.push(...(page.Topics ?? []).map((t) => t.TopicArn ?? ''));
    }
    return found.filter((arn) => isOwnName(arn.split(':').pop(), deployment));
  },
  async remove(account, id) {
    await client(account, SNSClient).send(new DeleteTopicCommand({ TopicArn: id }));
  },
};

const secrets: Kind = {
  name: 'secrets',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListSecrets(
      { client: client(account, SecretsManagerClient) },
      // A secret that was deleted in the console is kept for 7 to 30 days, blocks its name, and is listed only on
      // request.
      { Filters: [{ Key: 'name', Values: [namePrefix(deployment)] }], IncludePlannedDeletion: true },
    )) {
      found.push(...(page.SecretList ?? []).map(({ Name = '' }) => Name));
    }
    return found.filter((name) => isOwnName(name, deployment));
  },
  async remove(account, id) {
    await client(account, SecretsManagerClient).send(
      new DeleteSecretCommand({ SecretId: id, ForceDeleteWithoutRecovery: true }),
    );
  },
};

const parameters: Kind = {
  name: 'parameters',
  async find(account, target) {
    const found: string[] = [];
    const pages = paginateDescribeParameters(
      { client: client(account, SSMClient) },
      { ParameterFilters: [{ Key: `tag:${DEPLOYMENT_TAG}`, Values: [target.deployment] }] },
    );
    // An empty page may not be the last one.
    for await (const page of pages) found.push(...(page.Parameters ?? []).map((p) => p.Name ?? ''));
    return found.filter((name) => name.startsWith('/cdk-bootstrap/'));
  },
  async remove(account, id) {
    await client(account, SSMClient).send(new DeleteParameterCommand({ Name: id }));
  },
};

/** Budgets belong to the account, not to a region, so this region's budgets have its name in theirs. */
const budgets: Kind = {
  name: 'budgets',
  async find(account, { deployment }) {
    const found: string[] = [];
    const AccountId = await accountId(account);
    for await (const page of paginateDescribeBudgets(
      { client: client(account, BudgetsClient) },
      { AccountId },
    )) {
      found.push(...(page.Budgets ?? []).map(({ BudgetName }) => BudgetName ?? ''));
    }
    const start = budgetPrefix(deployment, account.region);
    return found.filter((name) => name.startsWith(start) && /^[0-9a-f]{8}$/.test(name.slice(start.length)));
  },
  async remove(account, id) {
    await client(account, BudgetsClient).send(
      new DeleteBudgetCommand({ AccountId: await accountId(account), BudgetName: id }),
    );
  },
};

const profiles: Kind = {
  name: 'instance profiles',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListInstanceProfiles({ client: client(account, IAMClient) }, {})) {
      found.push(...(page.InstanceProfiles ?? []).map((p) => p.InstanceProfileName ?? ''));
    }
    return found.filter((name) => isOwnName(name, deployment));
  },
  async remove(account, id) {
    const iam = client(account, IAMClient);
    const answer = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: id }));
    for (const role of answer.InstanceProfile?.Roles ?? []) {
      await iam.send(
        new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: id, RoleName: role.RoleName }),
      );
    }
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id }));
  },
};

const roles: Kind = {
  name: 'roles',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListRoles({ client: client(account, IAMClient) }, {})) {
      // Roles under another path are not part of a deployment: `policy --apply` creates the deployer there.
      const own = (page.Roles ?? []).filter(({ Path }) => Path === '/');
      found.push(...own.map((r) => r.RoleName ?? ''));
    }
    return found.filter((name) => isOwnName(name, deployment));
  },
  async remove(account, id) {
    const iam = client(account, IAMClient);
    const policies = await iam.send(new ListRolePoliciesCommand({ RoleName: id }));
    for (const policy of policies.PolicyNames ?? []) {
      await iam.send(new DeleteRolePolicyCommand({ RoleName: id, PolicyName: policy }));
    }
    await iam.send(new DeleteRoleCommand({ RoleName: id }));
  },
};

const accountId = async (account: Account): Promise<string> => (await callerIdentity(account)).account;

/** The name of the assets bucket, which includes the account number. */
export async function bucketName(account: Account, deployment: string): Promise<string> {
  return assetsBucketName(deployment, await accountId(account), account.region);
}

const buckets: Kind = {
  name: 'buckets',
  async find(account, { deployment }) {
    const bucket = await bucketName(account, deployment);
    try {
      return (await ifThere(client(account, S3Client).send(new HeadBucketCommand({ Bucket: bucket }))))
        ? [bucket]
        : [];
    } catch (error) {
      if (!isBucketOfOthers(error)) throw error;
      throw new NotSeen(`${bucket} belongs to another account, or these credentials may not access it`);
    }
  },
  async remove(account, id) {
    await emptyBucket(account, id);
    await client(account, S3Client).send(new DeleteBucketCommand({ Bucket: id }));
  },
};

/** Deletes all objects with all their versions. Does nothing if the bucket does not exist. */
export async function emptyBucket(account: Account, bucket: string): Promise<void> {
  const s3 = client(account, S3Client);
  try {
    for (;;) {
      const versions = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const objects = [...(versions.Versions ?? []), ...(versions.DeleteMarkers ?? [])].map(
        ({ Key, VersionId }) => ({
          Key: Key ?? '',
          ...(VersionId && VersionId !== 'null' && { VersionId }),
        }),
      );
      if (objects.length === 0) {
        const plain = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        objects.push(...(plain.Contents ?? []).map(({ Key }) => ({ Key: Key ?? '' })));
      }
      if (objects.length === 0) return;
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
      );
      // Otherwise the same objects would be tried endlessly.
      const [first] = Errors;
      if (first)
        throw new Error(`${first.Key} in ${bucket} could not be deleted: ${first.Message ?? first.Code}`);
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

const stacks: Kind = {
  name: 'stacks',
  async find(account, { deployment }) {
    // By name, so that no permissions for other stacks are needed.
    const names = [stackName(deployment), bootstrapStackName(deployment)];
    const found = await Promise.all(names.map((name) => findStack(account, name)));
    return found.map((stack) => stack?.StackName ?? '').filter(Boolean);
  },
  async remove(account, id, { deployment }) {
    // CloudFormation deletes the deployment's stack with a role of the bootstrap stack.
    if (id !== stackName(deployment) && (await findStack(account, stackName(deployment))))
      throw new Error(`${stackName(deployment)} has to be deleted first`);
    await client(account, CloudFormationClient).send(new DeleteStackCommand({ StackName: id }));
  },
};

export const restKinds: readonly Kind[] = [
  alarms,
  rules,
  topics,
  secrets,
  parameters,
  budgets,
  buckets,
  // Before the roles, because a stack without its role can never be deleted.
  stacks,
  profiles,
  roles,
];
