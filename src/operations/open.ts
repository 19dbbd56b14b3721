import { type Group, groupsNamed, resize } from '../cloud/groups.js';
import { showsClosedPage } from '../cloud/listeners.js';
import { poll } from '../cloud/poll.js';
import { findStack, outputs } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { bridgesGroupName, namePrefix, recordersGroupName, stackName } from '../contract/names.js';
import { OUTPUTS } from '../contract/template.js';
import type { Operation } from './operation.js';
import { step } from './progress.js';
import { SERVING_PATIENCE_MS } from './wait-until-serving.js';

/** Whether all groups are to run nothing, as outside open hours. Machines may still wait for the end of their meetings. */
const isClosed = (groups: readonly Group[]): boolean =>
  groups.length > 0 && groups.every(({ desired }) => desired === 0);

/**
 * Opens a deployment that is closed, until its next closing time: starts the machines, and waits until the page is back.
 * So everything that follows is as by day. Does nothing if it is open or does not exist. Throws `NotOpened`.
 */
export async function openIfClosed(options: Operation): Promise<void> {
  const { account, deployment, onProgress } = options;
  const stack = await findStack(account, stackName(deployment.name));
  const names = stack ? (outputs(stack)[OUTPUTS.groups] ?? '').split(',').filter(Boolean) : [];
  const groups = await groupsNamed(account, names);
  if (!isClosed(groups)) return;
  await step(
    onProgress,
    account.clock,
    'open',
    'Start the machines, because the deployment is closed',
    async () => {
      for (const { name } of groups) await resize(account, name, sizeOf(deployment, name));
      await waitForPage(options);
    },
  );
}

/** Waits until the load balancer no longer says that the deployment is closed. Throws `NotOpened`. */
export async function waitForPage({ account, deployment, signal }: Operation): Promise<void> {
  const { inTime } = await poll(
    account,
    { every: 5_000, timeout: SERVING_PATIENCE_MS, signal },
    () => showsClosedPage(account, namePrefix(deployment.name)),
    (closed) => !closed,
  );
  if (!inTime) throw notOpened();
}

function sizeOf({ name, bridges, recording }: Deployment, group: string): { min: number; max: number } {
  if (group === bridgesGroupName(name) && bridges) return bridges;
  return group === recordersGroupName(name) ? { min: 0, max: recording?.max ?? 0 } : { min: 1, max: 1 };
}

const notOpened = () =>
  new ConvokeError('NotOpened', {
    what: 'The machines were started, but the page still says that the deployment is closed.',
    why: 'A function in the account opens the page once a shard serves; no shard does, or the function failed.',
    now: 'Run "convoke status" to see the machines, and the same command again.',
  });
