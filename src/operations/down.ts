import type { Account } from '../cloud/account.js';
import { releaseHooks } from '../cloud/hooks.js';
import { callerIdentity } from '../cloud/identity.js';
import { deleteStack, findStack } from '../cloud/stacks.js';
import { bucketName, emptyBucket } from '../cloud/sweep/rest.js';
import { type SweptKind, sweep, type Target } from '../cloud/sweep/sweep.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../config/errors.js';
import { DEPLOYER_PATH, deployerName, stackName, toolkitStackName } from '../stack/names.js';
import { recordsToRemove } from './names/by-hand.js';
import type { HandRecord } from './names/record.js';
import { type OnProgress, resourceProgress, step } from './progress.js';
import { clearScratch } from './scratch.js';

export interface DownResult {
  /** Whether there was a deployment at all. */
  readonly existed: boolean;
  /** What the account was asked, and what it answered: one entry a kind. */
  readonly swept: readonly SweptKind[];
  /** What is left, in words; empty when nothing is. */
  readonly leftovers: readonly string[];
  /** Records that only the person can remove; none where convoke wrote them. */
  readonly records: readonly HandRecord[];
  /** ARN of the deployment's deployer, where that is who took it down: it stays, to be removed by `policy --remove`. */
  readonly deployer?: string;
}

export interface DownOptions {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'domain' | 'dns' | 'certificate'>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Takes a deployment away: the stack, the files in its bucket, the toolkit; then asks every service whether anything
 * is left, and removes that too. Safe to interrupt and to repeat; needs nothing but the name that `up` was given.
 *
 * It throws `SomethingLeft` where something stays in spite of all.
 */
export async function down(options: DownOptions): Promise<DownResult> {
  const { account, deployment, onProgress, signal } = options;
  clearScratch();
  const name = stackName(deployment.name);
  const toolkit = toolkitStackName(deployment.name);
  const existed = Boolean((await findStack(account, name)) ?? (await findStack(account, toolkit)));
  // While it can still be told what they lead to.
  const records = await recordsToRemove(account, deployment);
  const deleting = (stack: string) =>
    deleteStack(account, stack, {
      onEvent: (event) => onProgress(resourceProgress(event)),
      ...(signal && { signal }),
    });

  await step(onProgress, account.clock, 'hooks', 'Let machines go without waiting', () =>
    releaseHooks(account, deployment.name),
  );
  await step(onProgress, account.clock, 'deployment', 'Delete the deployment', () => deleting(name));
  await step(onProgress, account.clock, 'files', 'Empty the bucket of files', async () =>
    emptyBucket(account, await bucketName(account, deployment.name)),
  );
  await step(onProgress, account.clock, 'toolkit', 'Delete the toolkit', () => deleting(toolkit));
  const swept = await step(onProgress, account.clock, 'sweep', 'Look for anything left', () =>
    sweep(account, target(deployment), () => {}, signal),
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
  const { arn } = await callerIdentity(account);
  const role = `:assumed-role/${deployerName(deployment.name, account.region)}/`;
  const isDeployer = arn.includes(`:user${DEPLOYER_PATH}`) || arn.includes(role);
  return { existed, swept, leftovers, records, ...(isDeployer && { deployer: arn }) };
}

function target(deployment: DownOptions['deployment']): Target {
  return {
    deployment: deployment.name,
    domain: deployment.domain,
    ...(deployment.dns.kind === 'route53' && { zone: deployment.dns.zone }),
  };
}
