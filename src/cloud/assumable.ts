import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './account.js';
import { client } from './clients.js';

/** A new role can be assumed after 10 to 30 s, at times after a minute (hashicorp/terraform-provider-aws #6566). */
export const NEW_ROLE_PATIENCE_MS = 60_000;

/** How long to wait before a new role is tried again. */
export const newRolePause = (account: Account): number => (account.endpoint ? 250 : 3_000);

/**
 * Waits until roles that were just made can be assumed, a minute at most. Throws nothing where one cannot be assumed even then:
 * whoever uses it says why.
 */
export async function untilAssumable(
  account: Account,
  arns: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const deadline = account.clock.now().getTime() + NEW_ROLE_PATIENCE_MS;
  for (const arn of arns) {
    while (!(await isAssumable(account, arn)) && account.clock.now().getTime() < deadline)
      await account.clock.wait(newRolePause(account), signal);
  }
}

async function isAssumable(account: Account, RoleArn: string): Promise<boolean> {
  try {
    await client(account, STSClient).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'convoke', DurationSeconds: 900 }),
    );
    return true;
  } catch (error) {
    // Any other refusal does not go away by waiting.
    return (error as Error).name !== 'AccessDenied';
  }
}
