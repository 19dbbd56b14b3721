import type { Account } from '../../cloud/account.js';
import { callerIdentity } from '../../cloud/identity.js';
import { releaseHooks } from '../../cloud/lifecycle-hooks.js';
import { either, withLock } from '../../cloud/lock.js';
import { deleteStack, findStack } from '../../cloud/stacks.js';
import { bucketName, emptyBucket } from '../../cloud/sweep/rest.js';
import { HOLDING, type SweptKind, sweep, type Target } from '../../cloud/sweep/sweep.js';
import { forgetProofs, rememberProofs } from '../../cloud/validation-records.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { bootstrapStackName, DEPLOYER_PATH, deployerName, stackName } from '../../contract/names.js';
import { ZONE_PARAMETER } from '../../stack/deployment-stack.js';
import { recordsToRemove } from '../dns/manual-records.js';
import type { ManualRecord } from '../dns/record.js';
import { type OnProgress, resourceProgress, step } from '../progress.js';
import { clearScratch } from '../temporary-folder.js';
import { describeDeletionFailures, explainDeletionFailures } from './deletion-failures.js';
import type { Occupancy } from './occupancy.js';
import { confirmOrWaitForEmpty, type Leave } from './wait-for-empty.js';

export interface DownResult {
  /** Whether there was a deployment at all. */
  readonly existed: boolean;
  /** Who was in meetings when it began to delete; undefined where that was not asked. */
  readonly meetings?: Occupancy;
  /** What the account was asked, and what it answered: one entry a kind. */
  readonly swept: readonly SweptKind[];
  /** What is left, in words; empty when nothing is. */
  readonly leftovers: readonly string[];
  /** Records that only the person can remove; none where convoke wrote them. */
  readonly records: readonly ManualRecord[];
  /** ARN of the deployment's deployer, where that is who took it down: it stays, to be removed by `policy --remove`. */
  readonly deployer?: string;
}

export interface DownOptions extends Leave {
  readonly account: Account;
  readonly deployment: Pick<
    Deployment,
    'name' | 'domain' | 'turn' | 'dns' | 'certificate' | 'shards' | 'bridges'
  >;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Takes a deployment away: the stack, the files in its bucket, the bootstrap stack; then asks every service whether anything
 * is left, and removes that too. Safe to interrupt and to repeat; needs nothing but the name that `up` was given.
 *
 * It throws `PeopleInMeetings` and `Kept` where people are in meetings and nobody wants them sent away, `Busy` where
 * somebody else is at work on the deployment, `LockLost` where somebody else may be by now, `DeletionFailure` and `SomethingLeft` where something stays in spite of all.
 */
export function down(options: DownOptions): Promise<DownResult> {
  const { account, deployment } = options;
  return withLock({ account, deployment: deployment.name, verb: 'down', leaveNothing: true }, (lost) =>
    destroy({ ...options, signal: either(options.signal, lost) }),
  );
}

async function destroy(options: DownOptions): Promise<DownResult> {
  const { account, deployment, onProgress, signal } = options;
  clearScratch();
  const stack = await findStack(account, stackName(deployment.name));
  const existed = Boolean(stack ?? (await findStack(account, bootstrapStackName(deployment.name))));
  const zoneId = stack?.Parameters?.find((p) => p.ParameterKey === ZONE_PARAMETER)?.ParameterValue;
  const target: Target = {
    deployment: deployment.name,
    domain: deployment.domain,
    ...(deployment.dns.kind === 'route53' && { zone: deployment.dns.zone }),
    ...(zoneId && { zoneId }),
  };
  const meetings = await confirmOrWaitForEmpty(options);
  // While it can still be told what they lead to. A stack without a zone is one whose records are the person's.
  const records = await recordsToRemove(
    account,
    stack && !zoneId ? { ...deployment, dns: { kind: 'manual' } } : deployment,
  );

  const zoned = deployment.dns.kind === 'route53';
  if (zoned) await rememberProofs(account, target);
  await step(onProgress, account.clock, 'hooks', 'Let machines go without waiting', () =>
    releaseHooks(account, deployment.name),
  );
  await step(onProgress, account.clock, 'deployment', 'Delete the deployment', () =>
    deleteStackWithCleanup(options, stackName(deployment.name), target),
  );
  await step(onProgress, account.clock, 'files', 'Empty the bucket of files', async () => {
    // Without its bootstrap stack a bucket of that name may be somebody else's; the sweep looks.
    if (await findStack(account, bootstrapStackName(deployment.name)))
      await emptyBucket(account, await bucketName(account, deployment.name));
  });
  await step(onProgress, account.clock, 'bootstrap', 'Delete the bootstrap stack', () =>
    deleteStackWithCleanup(options, bootstrapStackName(deployment.name), target),
  );
  const swept = await step(onProgress, account.clock, 'sweep', 'Look for anything left', () =>
    sweep(account, target, { ...(signal && { signal }) }),
  );

  const leftovers = swept.flatMap(({ kind, left }) =>
    left.map(({ id, reason }) => `${kind}: ${id} (${reason})`),
  );
  if (leftovers.length > 0) {
    throw new ConvokeError('SomethingLeft', {
      what: `${leftovers.length} thing${leftovers.length === 1 ? ' is' : 's are'} left of ${deployment.name}: ${leftovers.join('; ')}.`,
      why: 'AWS did not let go of it in time, or the credentials may not remove it.',
      now: 'Run "convoke down" again; if it stays, remove it in the AWS console.',
    });
  }
  if (zoned) await forgetProofs(account, deployment.name);
  const { arn } = await callerIdentity(account);
  const role = `:assumed-role/${deployerName(deployment.name, account.region)}/`;
  const isDeployer = arn.includes(`:user${DEPLOYER_PATH}`) || arn.includes(role);
  return {
    existed,
    swept,
    leftovers,
    records,
    ...(meetings && { meetings }),
    ...(isDeployer && { deployer: arn }),
  };
}

/** What was in use a moment ago may not be any more. */
const BEFORE_AGAIN_MS = 15_000;

/**
 * Deletes a stack. Where CloudFormation cannot delete something of it, what is known to hold stacks up is taken out of the
 * way, and it is asked once more. The bootstrap must not go while that is in vain: CloudFormation deletes with its role.
 */
async function deleteStackWithCleanup(options: DownOptions, stack: string, target: Target): Promise<void> {
  const { account, deployment, onProgress, signal } = options;
  const deleting = () =>
    deleteStack(account, stack, {
      onEvent: (event) => onProgress(resourceProgress(event)),
      ...(signal && { signal }),
    });
  const first = (await deleting()).map(explainDeletionFailures);
  if (first.length === 0) return;
  const title = `Clear the way and delete again: ${describeDeletionFailures(first).why}`;
  await step(onProgress, account.clock, 'again', title, async () => {
    await account.clock.wait(account.endpoint ? 500 : BEFORE_AGAIN_MS, signal);
    await releaseHooks(account, deployment.name);
    await sweep(account, target, { kinds: HOLDING, ...(signal && { signal }) });
    if (stack === bootstrapStackName(deployment.name))
      await emptyBucket(account, await bucketName(account, deployment.name));
    const stuck = (await deleting()).map(explainDeletionFailures);
    if (stuck.length === 0) return;
    const { why, now } = describeDeletionFailures(stuck);
    throw new ConvokeError('DeletionFailure', {
      what: `CloudFormation could not delete all of ${stack}, nor on a second attempt.`,
      why,
      now: `${now} Then run "convoke down" again: what is gone stays gone.`,
    });
  });
}
