import type { Account } from '../../cloud/account.js';
import { callerIdentity } from '../../cloud/identity.js';
import { releaseHooks } from '../../cloud/lifecycle-hooks.js';
import { either, withLock } from '../../cloud/lock.js';
import { terminateImageBuilders } from '../../cloud/machine-images.js';
import { pause } from '../../cloud/poll.js';
import { recordingsBucket, storedRecordings } from '../../cloud/recordings.js';
import { deleteStack, findStack } from '../../cloud/stacks.js';
import { bucketName, emptyBucket } from '../../cloud/sweep/storage.js';
import { HOLDING, type SweptKind, sweep, type Target } from '../../cloud/sweep/sweep.js';
import { forgetProofs, rememberProofs } from '../../cloud/validation-records.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import {
  bootstrapStackName,
  DEPLOYER_PATH,
  deployerName,
  recordingsStackName,
  stackName,
} from '../../contract/names.js';
import { ZONE_PARAMETER } from '../../contract/template.js';
import { recordsToRemove } from '../dns/manual-records.js';
import type { ManualRecord } from '../dns/record.js';
import { type OnProgress, resourceProgress, step } from '../progress.js';
import { clearScratch } from '../temporary-folder.js';
import { describeDeletionFailures, explainDeletionFailures } from './deletion-failures.js';
import type { Occupancy } from './occupancy.js';
import { confirmOrWaitForEmpty, type Leave } from './wait-for-empty.js';

export interface DownResult {
  /** Whether the deployment existed. */
  readonly existed: boolean;
  /** Meetings at the start of the deletion; undefined if they were not checked. */
  readonly meetings?: Occupancy;
  /** The results of the sweep, by resource kind. */
  readonly swept: readonly SweptKind[];
  /** Remaining resources, in words; empty if there are none. */
  readonly leftovers: readonly string[];
  /** DNS records that the user has to remove; empty if convoke manages DNS. */
  readonly records: readonly ManualRecord[];
  /** The bucket of recordings, if one was kept; `stored` is undefined if it could not be listed. */
  readonly recordings?: { readonly bucket: string; readonly stored: KeptRecordings | undefined };
  /** ARN of the deployer, if it ran this command: it is kept, and `policy --remove` deletes it. */
  readonly deployer?: string;
}

/** Recordings that stay. */
export interface KeptRecordings {
  readonly count: number;
  readonly bytes: number;
}

export interface DownOptions extends Leave {
  readonly account: Account;
  /** What happens to recordings. Default: `keep`, also by a later `up`, which finds their bucket. */
  readonly recordings?: 'keep' | 'delete';
  readonly deployment: Pick<
    Deployment,
    'name' | 'domain' | 'turn' | 'dns' | 'certificate' | 'shards' | 'bridges'
  >;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Deletes a deployment: the stack, the files in its bucket, and the bootstrap stack; then searches every service for
 * remaining resources, and removes them too. Recordings stay unless they are to be deleted. It can be interrupted and repeated, and needs only the deployment's
 * name.
 *
 * Throws `PeopleInMeetings` and `DeletionDeclined` if there are meetings and the user does not confirm, `Busy` if another command
 * is running on the deployment, `LockLost` if it can no longer exclude that, and `DeletionFailure` and
 * `ResourcesLeft` if resources remain.
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
  // Before the stack's outputs are gone. A stack without a zone parameter is one whose DNS the user manages.
  const records = await recordsToRemove(
    account,
    stack && !zoneId ? { ...deployment, dns: { kind: 'manual' } } : deployment,
  );

  const zoned = deployment.dns.kind === 'route53';
  if (zoned) await rememberProofs(account, target);
  await step(onProgress, account.clock, 'hooks', 'Remove the lifecycle hooks', () =>
    releaseHooks(account, deployment.name),
  );
  // One whose command was killed. It is in no group, and its end takes as long as the deletion of the stack.
  await terminateImageBuilders(account, deployment.name);
  await step(onProgress, account.clock, 'deployment', 'Delete the deployment’s stack', () =>
    deleteStackWithCleanup(options, stackName(deployment.name), target),
  );
  await step(onProgress, account.clock, 'files', 'Empty the assets bucket', async () => {
    // Without the bootstrap stack, a bucket of that name may belong to someone else; the sweep checks that.
    if (await findStack(account, bootstrapStackName(deployment.name)))
      await emptyBucket(account, await bucketName(account, deployment.name));
  });
  await step(onProgress, account.clock, 'bootstrap', 'Delete the bootstrap stack', () =>
    deleteStackWithCleanup(options, bootstrapStackName(deployment.name), target),
  );
  if (options.recordings === 'delete')
    await step(
      onProgress,
      account.clock,
      'recordings',
      'Delete the recordings and their bucket',
      async () => {
        // Without its stack, a bucket of that name may belong to someone else.
        if (!(await findStack(account, recordingsStackName(deployment.name)))) return;
        await emptyBucket(account, await recordingsBucket(account, deployment.name));
        await deleteStackWithCleanup(options, recordingsStackName(deployment.name), target);
      },
    );
  const swept = await step(onProgress, account.clock, 'sweep', 'Search for remaining resources', () =>
    sweep(account, target, { ...(signal && { signal }) }),
  );

  const leftovers = swept.flatMap(({ kind, left }) =>
    left.map(({ id, reason }) => `${kind}: ${id} (${reason})`),
  );
  if (leftovers.length > 0) {
    throw new ConvokeError('ResourcesLeft', {
      what: `${leftovers.length} resource${leftovers.length === 1 ? '' : 's'} of ${deployment.name} could not be removed: ${leftovers.join('; ')}.`,
      why: 'AWS did not release them in time, or the credentials lack a permission.',
      now: 'Run "convoke down" again. If they remain, delete them in the AWS console.',
    });
  }
  if (zoned) await forgetProofs(account, deployment.name);
  const kept = await keptRecordings(account, deployment.name);
  const { arn } = await callerIdentity(account);
  const role = `:assumed-role/${deployerName(deployment.name, account.region)}/`;
  const isDeployer = arn.includes(`:user${DEPLOYER_PATH}`) || arn.includes(role);
  return {
    existed,
    swept,
    leftovers,
    records,
    ...(meetings && { meetings }),
    ...(kept && { recordings: kept }),
    ...(isDeployer && { deployer: arn }),
  };
}

/** What stays on purpose: recordings are not created by `up`, but by people. */
async function keptRecordings(account: Account, deployment: string): Promise<DownResult['recordings']> {
  if (!(await findStack(account, recordingsStackName(deployment)))) return undefined;
  const bucket = await recordingsBucket(account, deployment);
  // A policy made for a file without "recording" does not permit listing them.
  const stored = await storedRecordings(account, bucket).catch(() => undefined);
  const bytes = (stored ?? []).reduce((sum, one) => sum + one.bytes, 0);
  return { bucket, stored: stored && { count: stored.length, bytes } };
}

/** Gives AWS time to release resources that were in use. */
const BEFORE_AGAIN_MS = 15_000;

/**
 * Deletes a stack. If CloudFormation cannot delete a resource, known obstacles are removed, and the deletion is tried
 * once more. If that fails, the bootstrap stack is kept, because CloudFormation needs its role for deleting.
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
  const title = `Remove obstacles and delete again: ${describeDeletionFailures(first).why}`;
  await step(onProgress, account.clock, 'again', title, async () => {
    await pause(account, BEFORE_AGAIN_MS, signal);
    await releaseHooks(account, deployment.name);
    await sweep(account, target, { kinds: HOLDING, ...(signal && { signal }) });
    if (stack === bootstrapStackName(deployment.name))
      await emptyBucket(account, await bucketName(account, deployment.name));
    if (stack === recordingsStackName(deployment.name))
      await emptyBucket(account, await recordingsBucket(account, deployment.name));
    const failures = (await deleting()).map(explainDeletionFailures);
    if (failures.length === 0) return;
    const { why, now } = describeDeletionFailures(failures);
    throw new ConvokeError('DeletionFailure', {
      what: `CloudFormation could not delete the stack ${stack} in two attempts.`,
      why,
      now: `${now} Then run "convoke down" again: it continues from where it stopped.`,
    });
  });
}
