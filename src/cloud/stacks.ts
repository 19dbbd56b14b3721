import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { client, ifThere, isAbsent } from './clients.js';
import { pause } from './poll.js';

/** The stack with this name; undefined if it does not exist. */
export async function findStack(account: Account, name: string): Promise<Stack | undefined> {
  const stack = await describeStack(account, name);
  return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
}

/** A stack's outputs by key. */
export function outputs(stack: Stack): Record<string, string> {
  return Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? '']));
}

/** A stack's parameters by key. */
export function parameters(stack: Stack): Record<string, string> {
  return Object.fromEntries(
    (stack.Parameters ?? []).map((p) => [p.ParameterKey ?? '', p.ParameterValue ?? '']),
  );
}

/** Timeout of a deletion. The network interfaces of a load balancer alone can take minutes. */
const PATIENCE_MS = 45 * 60_000;

/**
 * Deletes a stack, waits until it is deleted, and reports each event. Returns the failed events of resources that
 * CloudFormation could not delete; empty if the stack is deleted, or did not exist. A stack that is being created is
 * deleted immediately; an update is waited for first, because CloudFormation does not delete a stack during an
 * update.
 */
export async function deleteStack(
  account: Account,
  name: string,
  options: { onEvent?: (event: StackEvent) => void; signal?: AbortSignal } = {},
): Promise<StackEvent[]> {
  options.signal?.throwIfAborted();
  const stack = await findStack(account, name);
  if (!stack?.StackId) return [];
  const cloudFormation = client(account, CloudFormationClient);
  const deadline = account.clock.now().getTime() + PATIENCE_MS;
  // Failures of earlier attempts are not reported.
  const seen = new Set<string>();
  await newEvents(account, stack.StackId, seen);
  const failed = new Map<string, StackEvent>();
  let asked = stack.StackStatus === 'DELETE_IN_PROGRESS';
  for (;;) {
    // By id, because a deleted stack cannot be found by name.
    const now = await describeStack(account, stack.StackId);
    for (const event of await newEvents(account, stack.StackId, seen)) {
      options.onEvent?.(event);
      if (event.ResourceStatus === 'DELETE_FAILED') failed.set(event.LogicalResourceId ?? '', event);
    }
    const status = now?.StackStatus ?? 'DELETE_COMPLETE';
    if (status === 'DELETE_COMPLETE') return [];
    if (asked && status === 'DELETE_FAILED' && failed.has(name)) {
      const resources = [...failed.values()].filter(({ LogicalResourceId }) => LogicalResourceId !== name);
      return resources.length > 0 ? resources : [...failed.values()];
    }
    if (!asked && !/^(UPDATE|ROLLBACK|UPDATE_ROLLBACK|IMPORT).*IN_PROGRESS/.test(status)) {
      await cloudFormation.send(new DeleteStackCommand({ StackName: stack.StackId }));
      asked = true;
    }
    if (account.clock.now().getTime() > deadline) throw stillThere(name, status);
    await pause(account, 2_000, options.signal);
  }
}

/** Finds a stack by name or id. A deleted stack can still be found by id for some time. */
async function describeStack(account: Account, nameOrId: string): Promise<Stack | undefined> {
  const answer = await ifThere(
    client(account, CloudFormationClient).send(new DescribeStacksCommand({ StackName: nameOrId })),
  );
  return answer?.Stacks?.[0];
}

/**
 * New events, oldest first. AWS lists the newest first, in pages; pages are read until one has a known event, so that
 * none is missed. The first call reads only the newest page.
 */
async function newEvents(account: Account, id: string, seen: Set<string>): Promise<StackEvent[]> {
  const fresh = new Map<string, StackEvent>();
  const pages = paginateDescribeStackEvents(
    { client: client(account, CloudFormationClient) },
    { StackName: id },
  );
  try {
    for await (const { StackEvents = [] } of pages) {
      const unseen = StackEvents.filter(({ EventId = '' }) => !seen.has(EventId));
      // Events that arrive while pages are read may shift others to the next page.
      for (const event of unseen) fresh.set(event.EventId ?? '', event);
      if (seen.size === 0 || unseen.length < StackEvents.length) break;
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  for (const id of fresh.keys()) seen.add(id);
  return [...fresh.values()].reverse();
}

function stillThere(name: string, status: string): ConvokeError {
  return new ConvokeError('DeletionFailed', {
    what: `Timed out after ${PATIENCE_MS / 60_000} minutes waiting for CloudFormation to delete ${name}.`,
    why: `It is still ${status}.`,
    now: 'Run "convoke down" again: it continues with the remaining resources.',
  });
}
