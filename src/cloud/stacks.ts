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

/** The stack of that name, or undefined when there is none (any more). */
export async function findStack(account: Account, name: string): Promise<Stack | undefined> {
  const stack = await describeStack(account, name);
  return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
}

/** A stack's outputs by key. */
export function outputs(stack: Stack): Record<string, string> {
  return Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? '']));
}

/** What a stack was given for its template's parameters. */
export function parameters(stack: Stack): Record<string, string> {
  return Object.fromEntries(
    (stack.Parameters ?? []).map((p) => [p.ParameterKey ?? '', p.ParameterValue ?? '']),
  );
}

/** How long a stack may take to come to rest. A load balancer's network interfaces alone can take minutes to go. */
const PATIENCE_MS = 45 * 60_000;

/**
 * Deletes a stack and waits until it is gone, telling each event. Answers with the resources that CloudFormation could not
 * delete, of which each event says why: none where it is gone, or was not there.
 * A stack in the middle of being made is deleted at once; one in the middle of an update is waited for first,
 * since CloudFormation refuses the other.
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
  // What an earlier attempt could not delete is no news.
  const seen = new Set<string>();
  await newEvents(account, stack.StackId, seen);
  const failed = new Map<string, StackEvent>();
  let asked = stack.StackStatus === 'DELETE_IN_PROGRESS';
  for (;;) {
    // By id, since a deleted stack is not found by name.
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
    await account.clock.wait(account.endpoint ? 300 : 2_000, options.signal);
  }
}

/** By name or id; by its id a deleted stack is found for some time, too. */
async function describeStack(account: Account, nameOrId: string): Promise<Stack | undefined> {
  const answer = await ifThere(
    client(account, CloudFormationClient).send(new DescribeStacksCommand({ StackName: nameOrId })),
  );
  return answer?.Stacks?.[0];
}

/**
 * Events that were not seen yet, oldest first. AWS lists the newest first, a page at a time: pages are read until one has
 * an event that was seen before, so that more than a page at a time loses none. The first time, the newest page is all.
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
      // An event is on two pages where others came while they were read.
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
    what: `CloudFormation has not deleted ${name} in ${PATIENCE_MS / 60_000} minutes.`,
    why: `It is still ${status}.`,
    now: 'Run "convoke down" again: what is gone stays gone, and the rest is tried anew.',
  });
}
