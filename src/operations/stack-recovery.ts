import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Account } from '../cloud/account.js';
import { releaseHooks } from '../cloud/lifecycle-hooks.js';
import { deleteStack, findStack } from '../cloud/stacks.js';
import { ConvokeError } from '../contract/errors.js';
import { describeDeletionFailures, explainDeletionFailures } from './down/deletion-failures.js';
import { type OnProgress, resourceProgress } from './progress.js';
import { stackState } from './stack-states.js';

export interface RecoverStackOptions {
  readonly account: Account;
  /** Name of the deployment: its machines may hold up a delete. */
  readonly deployment: string;
  readonly stack: string;
  /** Has the stack go back to what it was before a change that failed, and waits until it is. */
  readonly goBack: () => Promise<void>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** A load balancer or a group of machines takes minutes; whatever takes longer than this is stuck. */
const PATIENCE_MS = 45 * 60_000;
/** How often it says what it waits for. */
const REMINDER_MS = 60_000;

/**
 * Brings a stack from whatever state an earlier attempt left it in to one that can be deployed. Throws `StackBusy` where
 * somebody else's work on it does not end, and `StackStuck` where it comes back to where it was.
 */
export async function recoverStack(options: RecoverStackOptions): Promise<void> {
  const { account, deployment, stack, onProgress, signal } = options;
  const tried = new Set<string>();
  const from = account.clock.now().getTime();
  let told = Number.NEGATIVE_INFINITY;
  for (;;) {
    const status = (await findStack(account, stack))?.StackStatus;
    const { next, means } = stackState(status);
    if (next === 'deploy') return;
    const now = account.clock.now().getTime();
    if (next === 'wait') {
      if (now - from > PATIENCE_MS) throw busy(stack, means);
      if (now - told >= REMINDER_MS) {
        onProgress({ kind: 'waiting', what: `${stack}, which ${means}`, seconds: (now - from) / 1000 });
        told = now;
      }
      await account.clock.wait(account.endpoint ? 200 : 5_000, signal);
      continue;
    }
    if (tried.has(`${status}`)) throw stuck(stack, means);
    tried.add(`${status}`);
    onProgress({
      kind: 'waiting',
      what:
        next === 'delete'
          ? `the rest of ${stack}, which ${means}, to be deleted`
          : `${stack}, which ${means}, to go back`,
      seconds: 0,
    });
    if (next === 'go back') await options.goBack();
    else {
      await releaseHooks(account, deployment);
      const left = await deleteStack(account, stack, {
        onEvent: (event: StackEvent) => onProgress(resourceProgress(event)),
        ...(signal && { signal }),
      });
      if (left.length > 0) throw notDeleted(stack, left);
    }
  }
}

const busy = (stack: string, means: string): ConvokeError =>
  new ConvokeError('StackBusy', {
    what: `After ${PATIENCE_MS / 60_000} minutes the stack ${stack} still ${means}.`,
    why: 'CloudFormation works at one thing at a time.',
    now: 'Look at its events in the CloudFormation console: the newest say what it waits for. Then run the same command again.',
  });

const stuck = (stack: string, means: string): ConvokeError =>
  new ConvokeError('StackStuck', {
    what: `The stack ${stack} ${means}, again.`,
    now: 'Its events in the CloudFormation console say what does not let go. Run "convoke down", then "convoke up".',
  });

function notDeleted(stack: string, events: readonly StackEvent[]): ConvokeError {
  const { why, now } = describeDeletionFailures(events.map(explainDeletionFailures));
  return new ConvokeError('StackStuck', {
    what: `CloudFormation could not delete all that an earlier attempt left of ${stack}.`,
    why,
    now: `${now} Then run the same command again, or "convoke down", which takes more out of the way.`,
  });
}
