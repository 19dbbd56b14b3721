import type { Account } from '../cloud/account.js';
import { absentGroups, type Machine, machines } from '../cloud/machines.js';
import { poll } from '../cloud/poll.js';
import { ConvokeError } from '../contract/errors.js';
import { MINUTES_TO_SERVE } from '../contract/template.js';
import { lastLines } from './last-lines.js';
import { latestMetrics } from './latest-metrics.js';
import type { Operation } from './operation.js';
import { provisioningFailures } from './provisioning-failure.js';
import { missing } from './status.js';

export const SERVING_PATIENCE_MS = MINUTES_TO_SERVE * 60_000;

/** Milliseconds between two looks at the consoles of machines that do not serve yet. */
const CONSOLES_EVERY_MS = 20_000;

/** CloudFormation compares templates, and does not notice resources that were deleted by hand. Throws `GroupGone`. */
export async function assertGroups(account: Account, names: string): Promise<void> {
  const gone = await absentGroups(account, names.split(',').filter(Boolean));
  if (gone.length === 0) return;
  throw new ConvokeError('GroupGone', {
    what: `The Auto Scaling group ${gone.join(', ')} no longer exists.`,
    why: 'It was deleted outside of CloudFormation, which does not notice that and does not create it again.',
    now: 'Run "convoke down", then "convoke up".',
    fault: 'user',
  });
}

/** Waits until every machine is healthy. Throws `ProvisioningFailed` or `NotServing`. */
export async function waitUntilServing(
  { account, deployment, signal }: Operation,
  targetGroup: string,
): Promise<void> {
  let consolesReadAt = account.clock.now().getTime();
  const { last, inTime } = await poll(
    account,
    { every: 5_000, timeout: SERVING_PATIENCE_MS, signal },
    async () => {
      const all = await machines(account, deployment.name, targetGroup);
      const now = account.clock.now().getTime();
      if (now > consolesReadAt + CONSOLES_EVERY_MS && missing(all, deployment).length > 0) {
        consolesReadAt = now;
        await assertNoneFailed(account, all);
      }
      return all;
    },
    (all) => missing(all, deployment).length === 0,
  );
  if (inTime) return;
  const { lines, now } = await lastLines(
    account,
    deployment,
    last
      .filter(({ state, target }) => state === 'running' && target !== 'healthy')
      .map(({ id, launched }) => ({ node: id, from: launched })),
  );
  throw new ConvokeError('NotServing', {
    what: `Timed out after ${MINUTES_TO_SERVE} minutes waiting for ${missing(last, deployment).join(', ')} to become healthy.`,
    why: [
      last
        .map(({ id, role, shard, state, lifecycle, target }) =>
          [`${id} (${role}${shard && ` ${shard}`}) is ${state}`, lifecycle, target]
            .filter(Boolean)
            .join(', '),
        )
        .join('; '),
      ...lines,
    ].join('\n'),
    now,
  });
}

/** Provisioning that stopped does not go on, so waiting longer would not help. */
async function assertNoneFailed(account: Account, all: readonly Machine[]): Promise<void> {
  const [failure] = await provisioningFailures(account, all);
  if (!failure) return;
  throw new ConvokeError('ProvisioningFailed', {
    what: `The ${failure.machine} could not be provisioned.`,
    why: failure.why,
    now: `Then run the same command again. Until it succeeds, Auto Scaling replaces the machine again and again, and each new one tries again.`,
  });
}

/**
 * Auto Scaling reports a bridge as in service before its daemon runs; each shard publishes once a minute how many
 * bridges it can use. Throws `BridgesMissing`.
 */
export async function waitForBridges({ account, deployment, signal }: Operation): Promise<void> {
  const wanted = deployment.bridges?.min ?? 0;
  const began = account.clock.now();
  const { last, inTime } = await poll(
    account,
    { every: 5_000, timeout: SERVING_PATIENCE_MS, signal },
    () => latestMetrics(account, deployment),
    ({ shards }) => shards.every(({ bridges = 0 }) => bridges >= wanted),
  );
  if (inTime) return;
  const { lines, now } = await lastLines(account, deployment, [{ node: 'bridge', from: began }]);
  throw new ConvokeError('BridgesMissing', {
    what: `Timed out after ${MINUTES_TO_SERVE} minutes waiting for every shard to have ${wanted} bridge${wanted === 1 ? '' : 's'}.`,
    why: [
      last.shards
        .map(({ shard, bridges }) => `shard ${shard} has ${bridges ?? 'not reported any'}`)
        .join('; '),
      ...lines,
    ].join('\n'),
    now,
  });
}
