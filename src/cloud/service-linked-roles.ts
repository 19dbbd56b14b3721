import { CreateServiceLinkedRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { ConvokeError } from '../contract/errors.js';
import { type LinkedService, SERVICE_LINKED_ROLES } from '../contract/published-names.js';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';
import { poll } from './poll.js';

/** A new role becomes visible within seconds. */
const PATIENCE_MS = 60_000;

/**
 * Creates missing service-linked roles, and waits until IAM returns them. Returns the names of the created roles.
 * Auto Scaling cannot use its role in the first seconds, and CloudFormation would then fail to create the group.
 */
export async function ensureServiceLinkedRoles(
  account: Account,
  services: readonly LinkedService[],
): Promise<string[]> {
  const made = await Promise.all(services.map((service) => ensure(account, service)));
  return made.filter((name) => name !== undefined);
}

async function ensure(account: Account, service: LinkedService): Promise<string | undefined> {
  const iam = client(account, IAMClient);
  const isThere = async (RoleName: string) =>
    (await ifThere(iam.send(new GetRoleCommand({ RoleName })))) !== undefined;
  if (await isThere(SERVICE_LINKED_ROLES[service])) return undefined;
  const answer = await iam
    .send(new CreateServiceLinkedRoleCommand({ AWSServiceName: service }))
    .catch((error: unknown) => {
      // It was created concurrently, or by the service itself.
      if (/has been taken|already exists/.test(String(error))) return undefined;
      throw error;
    });
  if (!answer) return undefined;
  const name = answer.Role?.RoleName ?? SERVICE_LINKED_ROLES[service];
  const { inTime } = await poll(
    account,
    { every: 2_000, timeout: PATIENCE_MS },
    () => isThere(name),
    Boolean,
  );
  if (!inTime) {
    throw new ConvokeError('RoleNotVisible', {
      what: `IAM created the service-linked role ${name}, but does not return it after ${PATIENCE_MS / 1000} seconds.`,
      now: 'Run the same command again.',
    });
  }
  return name;
}
