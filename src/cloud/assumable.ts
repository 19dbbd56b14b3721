import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account } from './account.js';
import { client } from './clients.js';
import { poll } from './poll.js';

/** A new role can be assumed after 10 to 30 s, at times after a minute (hashicorp/terraform-provider-aws #6566). */
export const NEW_ROLE_PATIENCE_MS = 60_000;

/** Milliseconds after which a new role is tried again on AWS. */
export const NEW_ROLE_PAUSE_MS = 3_000;

/**
 * Waits until new roles can be assumed, for at most a minute. Does not throw if one still cannot be assumed: the call
 * that uses the role fails with the reason.
 */
export async function untilAssumable(
  account: Account,
  arns: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const all = async () => (await Promise.all(arns.map((arn) => isAssumable(account, arn)))).every(Boolean);
  await poll(account, { every: NEW_ROLE_PAUSE_MS, timeout: NEW_ROLE_PATIENCE_MS, signal }, all, Boolean);
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
