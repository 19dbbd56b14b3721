import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { probeToken } from './invite.js';
import { BrowserRoom, type BrowsersOptions, type BrowsersResult, probeBrowsers } from './probe/browsers.js';
import { type ProbeResult, probeMeeting } from './probe/meeting.js';
import { probeRoom } from './probe/room-name.js';

export type Joined = Pick<Deployment, 'name' | 'domain' | 'access'>;

export interface JoinOptions {
  /** Default: a new, unique name. */
  readonly room?: string;
  readonly signal?: AbortSignal;
}

/** Joins a meeting of a deployment once as a participant, with an invitation if access is for members. */
export async function verifyJoin(
  account: Account,
  deployment: Joined,
  options: JoinOptions = {},
): Promise<ProbeResult> {
  return probeMeeting(deployment.domain, await invited(account, deployment, options));
}

export interface MeetOptions extends JoinOptions, Pick<BrowsersOptions, 'count' | 'speakers'> {}

/** Joins a room of a deployment with browsers, with an invitation if access is for members. */
export async function joinWithBrowsers(
  account: Account,
  deployment: Joined,
  chromium: string,
  options: MeetOptions = {},
): Promise<BrowsersResult> {
  return probeBrowsers(await browserRoom(account, deployment, chromium, options), options.signal);
}

/** A room of a deployment for browsers that join later, with an invitation if access is for members. */
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

/** The options for joining a room. */
async function invited(account: Account, deployment: Joined, { room = probeRoom(), signal }: JoinOptions) {
  return {
    clock: account.clock,
    room,
    token: await probeToken(account, deployment, room),
    ...(account.endpointOverride && { endpointOverride: account.endpointOverride }),
    ...(signal && { signal }),
  };
}
