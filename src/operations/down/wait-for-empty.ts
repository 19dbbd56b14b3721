import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import type { OnProgress } from '../progress.js';
import { isEmpty, type Occupancy, occupancy, say } from './occupancy.js';

/** What becomes of people who are in meetings. */
export interface Leave {
  /** `now`: their meetings end. `empty`: they are waited for. Unset: see `ask`; where nobody can be asked, refused. */
  readonly when?: 'now' | 'empty';
  /** Asks a person who was told that somebody is, or may be, in a meeting. */
  readonly ask?: (said: string) => Promise<'now' | 'empty' | 'keep'>;
}

interface LeaveOptions extends Leave {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'domain' | 'shards' | 'bridges'>;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** How often it looks. Shards report once a minute. */
const LOOK_EVERY_MS = 10_000;

/** Answers with who is in meetings when the deployment may be deleted; undefined where that does not matter. */
export async function confirmOrWaitForEmpty(options: LeaveOptions): Promise<Occupancy | undefined> {
  if (options.when === 'now') return undefined;
  const found = await occupancy(options.account, options.deployment);
  switch (await decided(options, found)) {
    case 'now':
      return found;
    case 'empty':
      return waitUntilEmpty(options, found);
    case 'keep':
      throw new ConvokeError('Kept', {
        what: `${options.deployment.domain} was left as it is.`,
        now: '"convoke down --when-empty" waits until nobody is in a meeting.',
        fault: 'person',
      });
  }
}

async function decided(options: LeaveOptions, found: Occupancy): Promise<'now' | 'empty' | 'keep'> {
  const { when, ask, deployment, onProgress } = options;
  if (isEmpty(found)) return 'now';
  if (when) return when;
  const said = say(found, deployment.domain);
  if (ask) return ask(said);
  if (found.people > 0) {
    throw new ConvokeError('PeopleInMeetings', {
      what: said,
      why: 'Their meetings would end, and nobody is there to be asked.',
      now: 'Say "--when-empty" to wait until nobody is in a meeting, or "--now" to end the meetings.',
      fault: 'person',
    });
  }
  // Nothing was ever reported by what never came up, which has to go all the same.
  onProgress({ kind: 'step', id: 'meetings', title: said, state: 'done', seconds: 0 });
  return 'now';
}

/** Waits, without end: how long a meeting lasts is for those in it. Tells whenever something changed. */
async function waitUntilEmpty(options: LeaveOptions, first: Occupancy): Promise<Occupancy> {
  const { account, deployment, onProgress, signal } = options;
  const from = account.clock.now().getTime();
  let told = '';
  for (let found = first; ; found = await occupancy(account, deployment)) {
    const said = say(found, deployment.domain);
    const seconds = (account.clock.now().getTime() - from) / 1000;
    if (isEmpty(found)) {
      onProgress({ kind: 'step', id: 'empty', title: said, state: 'done', seconds });
      return found;
    }
    if (said !== told) {
      const title = `${said} Waiting; new meetings can still begin. Ctrl-C stops waiting, --now does not wait.`;
      onProgress({ kind: 'step', id: 'empty', title, state: 'started' });
      told = said;
    }
    await account.clock.wait(account.endpoint ? 500 : LOOK_EVERY_MS, signal);
  }
}
