import {
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListEntitiesForPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client, ifThere, isAbsent } from '../../cloud/clients.js';
import { callerIdentity } from '../../cloud/identity.js';
import { DEPLOYER_PATH, deployerName } from '../../contract/names.js';
import { boundaryArn } from './boundary.js';
import { deletePolicy, policiesOf } from './managed-policies.js';

/** What was removed: users and roles by name, policies by ARN. */
export interface Revoked {
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly policies: readonly string[];
  /** The permissions boundary of the deployment's roles, if it was kept because roles have it. */
  readonly kept?: string;
}

/**
 * Removes what `apply` created: policies, the users and roles that have them, and the users' access keys. It detaches the
 * policies from other users and roles, and does not delete those. The permissions boundary stays while roles have it.
 */
export async function revoke(
  account: Account,
  deployment: { readonly name: string; readonly region: string },
): Promise<Revoked> {
  const stem = deployerName(deployment.name, deployment.region);
  const policies = await policiesOf(account, stem);
  // By the default name too: an interrupted apply may have created one that has no policy yet.
  const users = new Set([stem]);
  const roles = new Set([stem]);
  for (const arn of policies) {
    const holders = await dropPolicy(account, arn);
    for (const name of holders.users) users.add(name);
    for (const name of holders.roles) roles.add(name);
  }
  const { account: number } = await callerIdentity(account);
  const limit = boundaryArn(deployment, number);
  const did = await removeLimit(account, limit);
  return {
    ...(did === 'kept' && { kept: limit }),
    users: await onlyThose(users, (name) => removeUser(account, name)),
    roles: await onlyThose(roles, (name) => removeRole(account, name)),
    policies: did === 'removed' ? [...policies, limit] : policies,
  };
}

/** IAM deletes no policy that limits a role. */
async function removeLimit(account: Account, arn: string): Promise<'removed' | 'kept' | 'absent'> {
  try {
    const { Policy } = await client(account, IAMClient).send(new GetPolicyCommand({ PolicyArn: arn }));
    if (Policy?.PermissionsBoundaryUsageCount) return 'kept';
    await deletePolicy(account, arn);
    return 'removed';
  } catch (error) {
    if (isAbsent(error)) return 'absent';
    throw error;
  }
}

/** Detaches a policy from its users and roles, and deletes it. Returns the users and roles that had it. */
export async function dropPolicy(
  account: Account,
  arn: string,
): Promise<{ users: readonly string[]; roles: readonly string[] }> {
  const iam = client(account, IAMClient);
  const { PolicyUsers = [], PolicyRoles = [] } = await iam.send(
    new ListEntitiesForPolicyCommand({ PolicyArn: arn }),
  );
  const users = PolicyUsers.map(({ UserName = '' }) => UserName);
  const roles = PolicyRoles.map(({ RoleName = '' }) => RoleName);
  for (const name of users) await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn: arn }));
  for (const name of roles) await iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn: arn }));
  await deletePolicy(account, arn);
  return { users, roles };
}

async function onlyThose(
  names: Iterable<string>,
  remove: (name: string) => Promise<boolean>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const name of names) if (await remove(name)) removed.push(name);
  return removed;
}

/** Deletes a user that convoke created. Returns whether there was one. */
async function removeUser(account: Account, name: string): Promise<boolean> {
  const iam = client(account, IAMClient);
  const found = await ifThere(iam.send(new GetUserCommand({ UserName: name })));
  if (found?.User?.Path !== DEPLOYER_PATH) return false;
  const { AccessKeyMetadata: keys = [] } = await iam.send(new ListAccessKeysCommand({ UserName: name }));
  for (const { AccessKeyId } of keys)
    await iam.send(new DeleteAccessKeyCommand({ UserName: name, AccessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName: name }));
  return true;
}

/** Deletes a role that convoke created. Returns whether there was one. */
async function removeRole(account: Account, name: string): Promise<boolean> {
  const iam = client(account, IAMClient);
  const found = await ifThere(iam.send(new GetRoleCommand({ RoleName: name })));
  if (found?.Role?.Path !== DEPLOYER_PATH) return false;
  await iam.send(new DeleteRoleCommand({ RoleName: name }));
  return true;
}
