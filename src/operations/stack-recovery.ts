import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Account } from '../cloud/account.js';
import { releaseHooks } from '../cloud/lifecycle-hooks.js';
import { pause } from '../cloud/poll.js';
import { deleteStack, findStack } from '../cloud/stacks.js';
import { ConvokeError } from '../contract/errors.js';
import { describeDeletionFailures, explainDeletionFailures } from './down/deletion-failures.js';
import { type OnProgress, resourceProgress } from './progress.js';
import { stackState } from './stack-states.js';

export interface RecoverStackOptions {
  readonly account: Account;
  /** Name of the deployment, whose lifecycle hooks may block a deletion. */
  readonly deployment: string;
  readonly stack: string;
  /** Rolls the stack back after a failed update, and waits until it has finished. */
  readonly goBack: () => Promise<void>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** A load balancer or an Auto Scaling group takes minutes; an operation that takes longer than this is stuck. */
const PATIENCE_MS = 45 * 60_000;
/** Interval of progress events while waiting. */
const REMINDER_MS = 60_000;

/**
 * Brings a stack into a state from which it can be deployed. Throws `StackBusy` if an operation in progress does not
 * end, and `StackStuck` if the stack returns to the same failed state.
 */
export async function recoverStack(options: RecoverStackOptions): Promise<void> {
  const { account, deployment, stack, onProgress, signal } = options;
  const tried = new Set<string>();
  const from = account.clock.now().getTime();
  let reported = Number.NEGATIVE_INFINITY;
  for (;;) {
    const status = (await findStack(account, stack))?.StackStatus;
    const { next, means } = stackState(status);
    if (next === 'deploy') return;
    const now = account.clock.now().getTime();
    if (next === 'wait') {
      if (now - from > PATIENCE_MS) throw busy(stack, means);
      if (now - reported >= REMINDER_MS) {
        onProgress({ kind: 'waiting', what: `${stack}, which ${means}`, seconds: (now - from) / 1000 });
        reported = now;
      }
      await pause(account, 5_000, signal);
      continue;
    }
    if (tried.has(`${status}`)) throw stuck(stack, means);
    tried.add(`${status}`);
    onProgress({
      kind: 'waiting',
      what:
        next === 'delete'
          ? `the deletion of ${stack}, which ${means}`
          : `the rollback of ${stack}, which ${means}`,
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
    what: `Timed out after ${PATIENCE_MS / 60_000} minutes: the stack ${stack} still ${means}.`,
    why: 'CloudFormation runs one operation on a stack at a time.',
    now: 'Check its latest events in the CloudFormation console to see what it waits for. Then run the same command again.',
  });

const stuck = (stack: string, means: string): ConvokeError =>
  new ConvokeError('StackStuck', {
    what: `The stack ${stack} again ${means}.`,
    now: 'Check its events in the CloudFormation console for the cause. Run "convoke down", then "convoke up".',
  });

function notDeleted(stack: string, events: readonly StackEvent[]): ConvokeError {
  const { why, now } = describeDeletionFailures(events.map(explainDeletionFailures));
  return new ConvokeError('StackStuck', {
    what: `CloudFormation could not delete the stack ${stack} of an earlier attempt.`,
    why,
    now: `${now} Then run the same command again, or "convoke down", which removes more obstacles.`,
  });
}
