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
  /** As a person calls it. Default: a name that nobody else uses. */
  readonly room?: string | undefined;
  /** How many browsers. Default: 3. */
  readonly participants?: number;
  /** Whether only signalling is tried. Default: false. */
  readonly signallingOnly?: boolean;
}

export interface VerifiedMeeting {
  /** Whether everything that was tried went well. */
  readonly ok: boolean;
  /** As in its address. */
  readonly room: string;
  /** How joining went, step by step. */
  readonly signalling: ProbeResult;
  /** What browsers had of the meeting; undefined where none met. */
  readonly browsers: BrowsersResult | undefined;
  /** Why no browsers met, in a sentence; empty when they did. */
  readonly withoutBrowsers: string;
}

/** Two talk to each other without the bridge. Each is a Chromium of its own, and no machine bears any number of them. */
const FEWEST = 3;
const MOST = 50;

/** Joins a meeting as a participant would: first its signalling, step by step, then with browsers from page to picture. */
export async function verifyMeeting(options: VerifyMeetingOptions): Promise<VerifiedMeeting> {
  assertCanMeet(options);
  const { account, deployment, onProgress, signal, participants = FEWEST } = options;
  const room = roomKey(options.room ?? probeRoom());
  const common = { room, ...(signal && { signal }) };
  const signalling = await step(onProgress, account.clock, 'signalling', 'Join a meeting', () =>
    verifyJoin(account, deployment, common),
  );
  const chromium = findChromium();
  const withoutBrowsers = reason(signalling, chromium, options.signallingOnly === true);
  if (withoutBrowsers || !chromium)
    return { ok: signalling.ok, room, signalling, browsers: undefined, withoutBrowsers };
  const browsers = await step(
    onProgress,
    account.clock,
    'browsers',
    `Have ${participants} browsers meet`,
    () => joinWithBrowsers(account, deployment, chromium, { ...common, count: participants }),
  );
  return { ok: browsers.ok, room, signalling, browsers, withoutBrowsers };
}

function reason(
  { ok, usesFakes }: ProbeResult,
  chromium: string | undefined,
  signallingOnly: boolean,
): string {
  if (!ok) return 'No browsers met: signalling fails already.';
  if (signallingOnly) return 'Only signalling was tried.';
  if (usesFakes) return FAKES_ANSWERED;
  if (!chromium)
    return 'No Chromium is installed on this machine, so only signalling was tried. CONVOKE_CHROMIUM names one that lies elsewhere.';
  return '';
}

/** Throws `CannotProbe` where something is asked for wrongly; it needs no account to say so. */
export function assertCanMeet({
  room,
  participants = FEWEST,
}: Pick<VerifyMeetingOptions, 'room' | 'participants'>): void {
  const bad = room === undefined ? undefined : roomComplaint(room);
  if (bad) {
    throw new ConvokeError('CannotProbe', {
      what: `The room "${room}" ${bad}.`,
      now: 'Use letters, digits, spaces, hyphens and dots.',
      fault: 'person',
    });
  }
  if (!Number.isInteger(participants) || participants < FEWEST || participants > MOST) {
    throw new ConvokeError('CannotProbe', {
      what: `There may be ${FEWEST} to ${MOST} participants.`,
      why: 'Two talk to each other without the bridge, and each is a Chromium of its own.',
      now: 'Give another --participants.',
      fault: 'person',
    });
  }
}
