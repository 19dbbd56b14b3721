import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { probeToken } from './invite.js';
import { BrowserRoom, type BrowsersOptions, type BrowsersResult, probeBrowsers } from './probe/browsers.js';
import { type ProbeResult, probeMeeting } from './probe/meeting.js';
import { probeRoom } from './probe/room-name.js';

export type Joined = Pick<Deployment, 'name' | 'domain' | 'access'>;

export interface JoinOptions {
  /** Default: a name that nobody else uses. */
  readonly room?: string;
  readonly signal?: AbortSignal;
}

/** Tries once to join a meeting of a deployment as a participant, with an invitation where one is needed. */
export async function verifyJoin(
  account: Account,
  deployment: Joined,
  options: JoinOptions = {},
): Promise<ProbeResult> {
  return probeMeeting(deployment.domain, await invited(account, deployment, options));
}

export interface MeetOptions extends JoinOptions, Pick<BrowsersOptions, 'count' | 'speakers'> {}

/** Has browsers meet in a room of a deployment, with an invitation where one is needed. */
export async function joinWithBrowsers(
  account: Account,
  deployment: Joined,
  chromium: string,
  options: MeetOptions = {},
): Promise<BrowsersResult> {
  return probeBrowsers(await browserRoom(account, deployment, chromium, options), options.signal);
}

/** A room of a deployment for browsers, which are not there yet, with an invitation where one is needed. */
export async function browserRoom(
  account: Account,
  deployment: Joined,
  chromium: string,
  { count, speakers, ...options }: MeetOptions = {},
): Promise<BrowserRoom> {
  return new BrowserRoom(deployment.domain, chromium, {
    ...(await invited(account, deployment, options)),
    ...(count !== undefined && { count }),
    ...(speakers !== undefined && { speakers }),
  });
}

/** What somebody needs to get into a room. */
async function invited(account: Account, deployment: Joined, { room = probeRoom(), signal }: JoinOptions) {
  return {
    clock: account.clock,
    room,
    token: await probeToken(account, deployment, room),
    ...(account.endpointOverride && { endpointOverride: account.endpointOverride }),
    ...(signal && { signal }),
  };
}
