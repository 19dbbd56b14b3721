import type { Account } from '../../cloud/account.js';
import { pause } from '../../cloud/poll.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import type { OnProgress } from '../progress.js';
import { describeOccupancy, isEmpty, type Occupancy, occupancy } from './occupancy.js';

/** What happens to ongoing meetings. */
export interface Leave {
  /** `now`: cut them off. `empty`: wait until they have ended. Unset: call `ask`; refuse if it is unset too. */
  readonly when?: 'now' | 'empty';
  /** Asks the user what to do; `question` describes the meetings. */
  readonly ask?: (question: string) => Promise<'now' | 'empty' | 'keep'>;
}

interface LeaveOptions extends Leave {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'domain' | 'shards' | 'bridges'>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** Interval of checks. Shards publish metrics once a minute. */
const CHECK_EVERY_MS = 10_000;

/** Returns the occupancy once the deployment may be deleted; undefined with `when: now`. */
export async function confirmOrWaitForEmpty(options: LeaveOptions): Promise<Occupancy | undefined> {
  if (options.when === 'now') return undefined;
  const found = await occupancy(options.account, options.deployment);
  switch (await decided(options, found)) {
    case 'now':
      return found;
    case 'empty':
      return waitUntilEmpty(options, found);
    case 'keep':
      throw new ConvokeError('DeletionDeclined', {
        what: `${options.deployment.domain} was not deleted.`,
        now: '"convoke down --when-empty" waits until all meetings have ended.',
        fault: 'user',
      });
  }
}

async function decided(options: LeaveOptions, found: Occupancy): Promise<'now' | 'empty' | 'keep'> {
  const { when, ask, deployment, onProgress } = options;
  if (isEmpty(found)) return 'now';
  if (when) return when;
  const description = describeOccupancy(found, deployment.domain);
  if (ask) return ask(description);
  if (found.people > 0) {
    throw new ConvokeError('PeopleInMeetings', {
      what: description,
      why: 'They would be cut off, and there is no terminal to ask on.',
      now: 'Use "--when-empty" to wait until all meetings have ended, or "--now" to delete immediately.',
      fault: 'user',
    });
  }
  // A deployment that never started has no metrics, and must be deletable.
  onProgress({ kind: 'step', id: 'meetings', title: description, state: 'done', seconds: 0 });
  return 'now';
}

/** Waits without a timeout, because meetings have no limit. Reports every change. */
export async function waitUntilEmpty(
  options: Omit<LeaveOptions, keyof Leave>,
  first?: Occupancy,
): Promise<Occupancy> {
  const { account, deployment, onProgress, signal } = options;
  const from = account.clock.now().getTime();
  let reported = '';
  for (
    let found = first ?? (await occupancy(account, deployment));
    ;
    found = await occupancy(account, deployment)
  ) {
    const description = describeOccupancy(found, deployment.domain);
    const seconds = (account.clock.now().getTime() - from) / 1000;
    if (isEmpty(found)) {
      onProgress({ kind: 'step', id: 'empty', title: description, state: 'done', seconds });
      return found;
    }
    if (description !== reported) {
      const title = `${description} Waiting; new meetings can still start. Ctrl-C stops waiting.`;
      onProgress({ kind: 'step', id: 'empty', title, state: 'started' });
      reported = description;
    }
    await pause(account, CHECK_EVERY_MS, signal);
  }
}
