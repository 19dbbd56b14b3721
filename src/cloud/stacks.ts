import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { ConvokeError } from '../config/errors.js';
import type { Account } from './account.js';
import { client, isAbsent } from './clients.js';

/** The stack of that name, or undefined when there is none (any more). */
export async function findStack(account: Account, name: string): Promise<Stack | undefined> {
  try {
    const answer = await client(account, CloudFormationClient).send(
      new DescribeStacksCommand({ StackName: name }),
    );
    const stack = answer.Stacks?.[0];
    return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** A stack's outputs by key. */
export function outputs(stack: Stack): Record<string, string> {
  return Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? '']));
}

/** How long a stack may take to come to rest. A load balancer's network interfaces alone can take minutes to go. */
const PATIENCE_MS = 45 * 60_000;

/**
 * Deletes a stack and waits until it is gone, telling each event. Says false when there was none.
 * A stack in the middle of being made is deleted at once; one in the middle of an update is waited for first,
 * since CloudFormation refuses the other.
 */
export async function deleteStack(
  account: Account,
  name: string,
  options: { onEvent?: (event: StackEvent) => void; signal?: AbortSignal } = {},
): Promise<boolean> {
  const stack = await findStack(account, name);
  if (!stack?.StackId) return false;
  const cloudFormation = client(account, CloudFormationClient);
  const since = account.clock.now();
  const seen = new Set<string>();
  const deadline = since.getTime() + PATIENCE_MS;
  let asked = stack.StackStatus === 'DELETE_IN_PROGRESS';
  for (;;) {
    // By id, since a deleted stack is not found by name.
    const now = await findStackById(account, stack.StackId);
    for (const event of await eventsSince(account, stack.StackId, since, seen)) options.onEvent?.(event);
    const status = now?.StackStatus ?? 'DELETE_COMPLETE';
    if (status === 'DELETE_COMPLETE') return true;
    if (asked && status === 'DELETE_FAILED') throw deletionFailed(name, now?.StackStatusReason);
    if (!asked && !/^(UPDATE|ROLLBACK|UPDATE_ROLLBACK|IMPORT).*IN_PROGRESS/.test(status)) {
      await cloudFormation.send(new DeleteStackCommand({ StackName: stack.StackId }));
      asked = true;
    }
    if (account.clock.now().getTime() > deadline) throw deletionFailed(name, `It is still ${status}.`);
    await account.clock.wait(account.endpoint ? 300 : 2_000, options.signal);
  }
}

/**
 * Waits until nothing is done to a stack any more: by whoever was interrupted, or by somebody else. CloudFormation takes
 * no other order before. A stack that is only under review waits for an order, so it is not waited for.
 */
export async function stackAtRest(account: Account, name: string, signal?: AbortSignal): Promise<void> {
  const deadline = account.clock.now().getTime() + PATIENCE_MS;
  for (;;) {
    const status = (await findStack(account, name))?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return;
    if (account.clock.now().getTime() > deadline) {
      throw new ConvokeError('StackBusy', {
        what: `The stack ${name} is still ${status} after ${PATIENCE_MS / 60_000} minutes.`,
        now: 'Look at its events in the CloudFormation console, and run the same command again when it has come to rest.',
      });
    }
    await account.clock.wait(account.endpoint ? 300 : 2_000, signal);
  }
}

async function findStackById(account: Account, id: string): Promise<Stack | undefined> {
  try {
    const answer = await client(account, CloudFormationClient).send(
      new DescribeStacksCommand({ StackName: id }),
    );
    return answer.Stacks?.[0];
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function eventsSince(
  account: Account,
  id: string,
  since: Date,
  seen: Set<string>,
): Promise<StackEvent[]> {
  try {
    const answer = await client(account, CloudFormationClient).send(
      new DescribeStackEventsCommand({ StackName: id }),
    );
    const fresh = (answer.StackEvents ?? []).filter(
      (event) => (event.Timestamp ?? since) >= since && event.EventId && !seen.has(event.EventId),
    );
    for (const event of fresh) if (event.EventId) seen.add(event.EventId);
    return fresh.reverse();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function deletionFailed(name: string, reason: string | undefined): ConvokeError {
  return new ConvokeError('DeletionFailed', {
    what: `CloudFormation could not delete ${name}.`,
    why: reason ?? 'It gave no reason.',
    now: 'Run "convoke down" again: what is gone stays gone, and the rest is tried anew.',
  });
}
