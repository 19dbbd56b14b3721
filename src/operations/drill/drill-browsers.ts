import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import { browserRoom } from '../join-meeting.js';
import type { BrowserRoom } from '../probe/browsers.js';
import { gaps } from '../probe/frame-gaps.js';
import { type ProcessorShares, readTicks, shares, type Ticks } from './cpu-shares.js';
import type { BrowserView } from './events.js';

/**
 * Milliseconds that browsers see each other before the fault. A new page is still loading, and a drill is about running
 * meetings.
 */
const UNDER_WAY_MS = 10_000;

export interface DrillBrowsersOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  /** Path of Chromium. */
  readonly chromium: string;
  readonly room: string;
  readonly signal?: AbortSignal | undefined;
}

/** Three browsers in a meeting that a drill disturbs, and the processor time of this machine, which they need. */
export class DrillBrowsers {
  private readonly ticks: { readonly at: number; readonly ticks: Ticks | undefined }[] = [];

  private constructor(private readonly room: BrowserRoom) {}

  /**
   * Joins, and waits until the browsers see each other. Throws `NoMedia` if they do not. `onOpen`: called before they join,
   * so that they can be closed in any case.
   */
  static async join(
    { account, deployment, chromium, room, signal }: DrillBrowsersOptions,
    onOpen: (browsers: DrillBrowsers) => void,
  ): Promise<DrillBrowsers> {
    const meeting = await browserRoom(account, deployment, chromium, {
      room,
      // Only the video is measured, and when it returns.
      speakers: 0,
      ...(signal && { signal }),
    });
    const browsers = new DrillBrowsers(meeting);
    onOpen(browsers);
    await meeting.enter();
    const { ok, detail } = await meeting.see();
    if (ok) {
      await account.clock.wait(UNDER_WAY_MS, signal);
      return browsers;
    }
    throw new ConvokeError('NoMedia', {
      what: 'Three browsers do not receive each other’s video, so the drill was not started.',
      why: detail,
      now: 'Start the drill when meetings work; "convoke probe" tests the same.',
    });
  }

  /** The addresses at which the browsers' bridge receives media. */
  bridgeAddresses(): Promise<readonly string[]> {
    return this.room.bridgeAddresses();
  }

  /** Samples the processor time. `at`: milliseconds since the epoch. */
  look(at: number): void {
    this.ticks.push({ at, ticks: readTicks() });
  }

  /** What each browser missed since the fault. `broken`: its time, in milliseconds since the epoch. */
  views(broken: number): BrowserView[] {
    const at = (time: number) => Math.round((time - broken) / 10) / 100;
    return this.room.watched().map(({ name, looks, reloads, clicks }, _, all) => ({
      name,
      gaps: gaps(looks, all.length - 1, broken).map(({ from, to }) => ({
        from: at(from),
        to: to === undefined ? undefined : at(to),
      })),
      reloads,
      clicks,
    }));
  }

  /** How the processor time was used in the first `seconds` after the fault. */
  processor(broken: number, seconds: number): ProcessorShares | undefined {
    const looks = this.ticks.filter(({ at }) => at >= broken && at <= broken + seconds * 1_000);
    return shares(looks.at(0)?.ticks, looks.at(-1)?.ticks);
  }

  close(): Promise<void> {
    return this.room.close();
  }
}
