import type { Account } from '../cloud/account.js';
import { ConvokeError } from '../contract/errors.js';
import { roomComplaint, roomKey } from '../contract/room.js';
import { type Joined, joinWithBrowsers, verifyJoin } from './join-meeting.js';
import type { BrowsersResult } from './probe/browsers.js';
import { findChromium } from './probe/chromium.js';
import { FAKES_ANSWERED, type ProbeResult } from './probe/meeting.js';
import { probeRoom } from './probe/room-name.js';
import { type OnProgress, step } from './progress.js';

export interface VerifyMeetingOptions {
  readonly account: Account;
  readonly deployment: Joined;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
  /** Display name of the room. Default: a new, unique name. */
  readonly room?: string | undefined;
  /** Number of browsers. Default: 3. */
  readonly participants?: number;
  /** Whether to test only signalling. Default: false. */
  readonly signallingOnly?: boolean;
}

export interface VerifiedMeeting {
  /** Whether all tested steps succeeded. */
  readonly ok: boolean;
  /** The room as in its URL. */
  readonly room: string;
  /** The result of joining, step by step. */
  readonly signalling: ProbeResult;
  /** The result of the meeting of browsers; undefined if none joined. */
  readonly browsers: BrowsersResult | undefined;
  /** Why no browsers joined, a sentence; empty if they did. */
  readonly withoutBrowsers: string;
}

/**
 * Two participants use a peer-to-peer connection without the bridge. Each participant is a Chromium process, so the
 * number is limited.
 */
const FEWEST = 3;
const MOST = 50;

/** Joins a meeting: first its signalling, step by step, then with browsers, from the page to video. */
export async function verifyMeeting(options: VerifyMeetingOptions): Promise<VerifiedMeeting> {
  assertCanMeet(options);
  const { account, deployment, onProgress, signal, participants = FEWEST } = options;
  const room = roomKey(options.room ?? probeRoom());
  const common = { room, ...(signal && { signal }) };
  const isOk = (result: { ok: boolean }) => result.ok;
  const signalling = await step(
    onProgress,
    account.clock,
    'signalling',
    'Join a meeting',
    () => verifyJoin(account, deployment, common),
    { isOk },
  );
  const chromium = findChromium();
  const withoutBrowsers = reason(signalling, chromium, options.signallingOnly === true);
  if (withoutBrowsers || !chromium)
    return { ok: signalling.ok, room, signalling, browsers: undefined, withoutBrowsers };
  const browsers = await step(
    onProgress,
    account.clock,
    'browsers',
    `Join a meeting with ${participants} browsers`,
    () => joinWithBrowsers(account, deployment, chromium, { ...common, count: participants }),
    { isOk },
  );
  return { ok: browsers.ok, room, signalling, browsers, withoutBrowsers };
}

function reason(
  { ok, usesFakes }: ProbeResult,
  chromium: string | undefined,
  signallingOnly: boolean,
): string {
  if (!ok) return 'No browsers joined, because signalling failed.';
  if (signallingOnly) return 'Only signalling was tested.';
  if (usesFakes) return FAKES_ANSWERED;
  if (!chromium)
    return 'No Chromium is installed on this machine, so only signalling was tested. Set CONVOKE_CHROMIUM to the path of a Chromium.';
  return '';
}

/** Throws `CannotProbe` if an option is invalid. Needs no account. */
export function assertCanMeet({
  room,
  participants = FEWEST,
}: Pick<VerifyMeetingOptions, 'room' | 'participants'>): void {
  const bad = room === undefined ? undefined : roomComplaint(room);
  if (bad) {
    throw new ConvokeError('CannotProbe', {
      what: `The room "${room}" ${bad}.`,
      now: 'Use letters, digits, spaces, hyphens and dots.',
      fault: 'user',
    });
  }
  if (!Number.isInteger(participants) || participants < FEWEST || participants > MOST) {
    throw new ConvokeError('CannotProbe', {
      what: `The number of participants must be from ${FEWEST} to ${MOST}.`,
      why: 'Two participants would not use the bridge, and each participant is a Chromium process.',
      now: 'Use another --participants.',
      fault: 'user',
    });
  }
}
