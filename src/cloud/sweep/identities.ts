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
import { client } from '../clients.js';
import type { Kind } from './kind.js';
import { ownNames } from './own-names.js';

const profiles: Kind = {
  name: 'instance profiles',
  async find(account, { deployment }) {
    const found: string[] = [];
    for await (const page of paginateListInstanceProfiles({ client: client(account, IAMClient) }, {})) {
      found.push(...(page.InstanceProfiles ?? []).map((p) => p.InstanceProfileName ?? ''));
    }
    return found.filter((name) => ownNames(deployment, account.region).has(name));
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
    return found.filter((name) => ownNames(deployment, account.region).has(name));
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

export const identityKinds: readonly Kind[] = [profiles, roles];
