import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client, ifThere } from '../../cloud/clients.js';
import { ConvokeError } from '../../contract/errors.js';
import { boundaryName, DEPLOYER_PATH, deployerName } from '../../contract/names.js';
import { DEPLOYMENT_TAG } from '../../contract/tags.js';
import { boundaryArn } from './boundary.js';
import { MOST_POLICIES, type PolicyDocument } from './document.js';
import { type PutPolicy, policiesOf, putPolicy } from './managed-policies.js';
import { dropPolicy } from './revoke.js';

export interface ApplyOptions {
  readonly account: Account;
  /** Number of the account. */
  readonly accountId: string;
  readonly deployment: { readonly name: string; readonly region: string };
  readonly documents: readonly PolicyDocument[];
  /** The permissions boundary of the deployment's roles. */
  readonly boundary: PolicyDocument;
  readonly kind: 'user' | 'role';
  /** Default: the deployment's deployer. */
  readonly name?: string;
  /** ARN of the principal that may assume the role. Default: all principals of the account that may assume roles. */
  readonly principal?: string;
}

export interface Applied {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly arn: string;
  /** Whether this call created it. */
  readonly made: boolean;
  readonly policies: readonly PutPolicy[];
  /** The permissions boundary of the deployment's roles, in force from the next "up" on. */
  readonly boundary: PutPolicy;
  /** A user's new access key. AWS returns the secret only once; convoke does not store it. */
  readonly key?: { readonly id: string; readonly secret: string };
}

/**
 * Creates or updates the user or role that may deploy one deployment and nothing else. Repeating it changes nothing, and
 * a user that has an access key gets no second one. Also creates the permissions boundary of the deployment's roles, which
 * the deployer can read but not change.
 */
export async function apply(options: ApplyOptions): Promise<Applied> {
  const { account, accountId, deployment, documents, kind } = options;
  const stem = deployerName(deployment.name, deployment.region);
  const name = options.name ?? stem;
  if (documents.length > MOST_POLICIES) {
    throw new ConvokeError('PolicyTooLarge', {
      what: `The permissions need ${documents.length} policies, but AWS allows a ${kind} only ${MOST_POLICIES}.`,
      now: 'Report this as a bug of convoke, with the file.',
    });
  }
  const limit = await putPolicy(
    account,
    {
      arn: boundaryArn(deployment, accountId),
      name: boundaryName(deployment.name, deployment.region),
      document: options.boundary,
    },
    deployment.name,
  );
  const put: PutPolicy[] = [];
  for (const [index, document] of documents.entries()) {
    const policyName = `${stem}-${index + 1}`;
    const arn = `arn:aws:iam::${accountId}:policy${DEPLOYER_PATH}${policyName}`;
    put.push(await putPolicy(account, { arn, name: policyName, document }, deployment.name));
  }
  const tags = [{ Key: DEPLOYMENT_TAG, Value: deployment.name }];
  const made =
    kind === 'user'
      ? await makeUser(account, name, tags)
      : await makeRole(
          account,
          name,
          tags,
          trust(options.principal ?? `arn:aws:iam::${accountId}:root`),
          deployment.name,
        );
  await attach(account, kind, name, put);
  const wanted = new Set(put.map(({ arn }) => arn));
  for (const arn of await policiesOf(account, stem)) {
    if (!wanted.has(arn)) await dropPolicy(account, arn);
  }
  const key = kind === 'user' ? await firstKey(account, name) : undefined;
  const arn = `arn:aws:iam::${accountId}:${kind}${DEPLOYER_PATH}${name}`;
  return { kind, name, arn, made, policies: put, boundary: limit, ...(key && { key }) };
}

type Tags = { Key: string; Value: string }[];

/** Whether the user had to be made. */
async function makeUser(account: Account, name: string, tags: Tags): Promise<boolean> {
  const iam = client(account, IAMClient);
  const path = (await ifThere(iam.send(new GetUserCommand({ UserName: name }))))?.User?.Path;
  assertOurs(path, 'user', name);
  if (path) return false;
  await iam.send(new CreateUserCommand({ UserName: name, Path: DEPLOYER_PATH, Tags: tags }));
  return true;
}

/** Whether the role had to be made. */
async function makeRole(
  account: Account,
  name: string,
  tags: Tags,
  trusted: string,
  deployment: string,
): Promise<boolean> {
  const iam = client(account, IAMClient);
  const path = (await ifThere(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role?.Path;
  assertOurs(path, 'role', name);
  if (path) {
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: trusted }));
    return false;
  }
  await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      Path: DEPLOYER_PATH,
      AssumeRolePolicyDocument: trusted,
      Description: `Deploys ${deployment} with convoke`,
      Tags: tags,
    }),
  );
  return true;
}

/** convoke never grants rights to users or roles that it did not create, and never deletes them. */
function assertOurs(path: string | undefined, kind: string, name: string): void {
  if (path === undefined || path === DEPLOYER_PATH) return;
  throw new ConvokeError('NameTaken', {
    what: `The ${kind} ${name} already exists and was not created by convoke.`,
    why: `convoke creates users and roles under the path ${DEPLOYER_PATH}; this one is under ${path}.`,
    now: `Use another name, or --${kind} without a name.`,
    fault: 'user',
  });
}

const trust = (principal: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'sts:AssumeRole' }],
  });

async function attach(
  account: Account,
  kind: 'user' | 'role',
  name: string,
  policies: readonly PutPolicy[],
): Promise<void> {
  const iam = client(account, IAMClient);
  for (const { arn } of policies) {
    if (kind === 'user') await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: arn }));
    else await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: arn }));
  }
}

/** An access key, for a user who has none yet. */
async function firstKey(account: Account, name: string): Promise<Applied['key']> {
  const iam = client(account, IAMClient);
  const { AccessKeyMetadata: keys = [] } = await iam.send(new ListAccessKeysCommand({ UserName: name }));
  if (keys.length > 0) return undefined;
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { id: AccessKey?.AccessKeyId ?? '', secret: AccessKey?.SecretAccessKey ?? '' };
}
