import type { Browser } from 'playwright-core';
import { makeScratch } from '../temporary-folder.js';
import { BrowserParticipantSession, type BrowserSessionOptions } from './browser-participant.js';
import { launcher } from './chromium.js';
import type { FramesSeen } from './frame-gaps.js';
import { probeRoom } from './room-name.js';
import { type BrowserParticipant, problems } from './verdict.js';

export interface BrowsersResult {
  /** Whether each sees and hears all others, and receives their screen and messages. */
  readonly ok: boolean;
  readonly participants: readonly BrowserParticipant[];
  /** Time of the first video of another participant in any browser; undefined if there was none. */
  readonly firstFrameAt?: Date;
  /** The failure, a sentence; empty if there was none. */
  readonly detail: string;
  /** Features that could not be tested, in sentences: a page of another release may have other keys. */
  readonly untried: readonly string[];
}

export interface BrowsersOptions extends BrowserSessionOptions {
  /** Number of browsers. Default: 3, because two would connect directly without the bridge. */
  readonly count?: number;
  /** Room as in a URL (`roomKey`). Default: `probeRoom()`, a unique name. */
  readonly room?: string;
  /** A token for `room`, if meetings are for members. */
  readonly token?: string | undefined;
  /**
   * Number of browsers with a microphone. If it is not all of them, load is reduced: with several that beep in turns, each
   * page would change the displayed speaker several times a second. Then all send VP8, which is the cheapest to encode, and
   * none shares a screen or writes. Default: all of three, one of more.
   */
  readonly speakers?: number;
}

/** Number of browsers that open the page at the same time. Loading it is the largest load of a machine. */
const AT_ONCE = 3;

/** Seconds over which frame rate and loss are measured. */
const MEASURED_SECONDS = 5;

/**
 * Overrides of the page's settings. Muted participants, as `meetings.startMuted` may configure, could not be measured; and
 * audio level meters use a third of the CPU time of three pages with microphones.
 */
const ALL = ['config.startVideoMuted=1000', 'config.disableAudioLevels=true'];
const SPEAKS = 'config.startAudioMuted=1000';
const LISTENS = 'config.startWithAudioMuted=true';
const SPARING = 'config.videoQuality.codecPreferenceOrder=%5B%22VP8%22%5D';

/**
 * Lets browsers join a room like users, with Chromium's fake camera and microphone, and waits until each decodes video of all
 * others. Then it measures frames, audio and loss, the first shares a screen, and the last writes in the chat, unless load is
 * reduced. The source is Chromium's WebRTC statistics, not the page.
 */
export async function probeBrowsers(room: BrowserRoom, signal?: AbortSignal): Promise<BrowsersResult> {
  try {
    await room.enter();
    await room.see();
    return await room.meet();
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, participants: [], detail: message, untried: [] };
  } finally {
    await room.close();
  }
}

/** Browsers that stay in a room until it is closed. */
export class BrowserRoom {
  private readonly count: number;
  private readonly speakers: number;
  private readonly address: string;
  private readonly scratch = makeScratch();
  private readonly browsers: Browser[] = [];
  private readonly visitors: BrowserParticipantSession[] = [];

  constructor(
    domain: string,
    private readonly program: string,
    private readonly options: BrowsersOptions,
  ) {
    this.count = options.count ?? 3;
    const invitation = options.token ? `?jwt=${options.token}` : '';
    this.address = `https://${domain}/${options.room ?? probeRoom()}${invitation}`;
    this.speakers = options.speakers ?? (this.count > 3 ? 1 : this.count);
  }

  /** All open the page and join, some at a time. Rejects if one cannot join. */
  async enter(): Promise<void> {
    const launch = launcher(this.program, this.scratch.path, this.options.endpointOverride);
    const enter = async (number: number) => {
      const browser = await launch();
      this.browsers.push(browser);
      return BrowserParticipantSession.enter(
        browser,
        `Participant ${number}`,
        this.url(number),
        this.options,
      );
    };
    while (this.visitors.length < this.count) {
      const here = this.visitors.length;
      const next = Array.from(
        { length: Math.min(AT_ONCE, this.count - here) },
        (_, index) => here + index + 1,
      );
      this.visitors.push(...(await Promise.all(next.map(enter))));
    }
  }

  private url(number: number): string {
    const microphone = this.speaks(number) ? SPEAKS : LISTENS;
    const settings = [...ALL, microphone, ...(this.spared ? [SPARING] : [])];
    return `${this.address}#${settings.join('&')}`;
  }

  private get spared(): boolean {
    return this.speakers < this.count;
  }

  /** The first of them join. */
  private speaks(number: number): boolean {
    return number <= this.speakers;
  }

  /** Waits until each decodes all others. Returns those that do not. */
  async see(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const others = this.count - 1;
    const sees = await Promise.all(this.visitors.map((visitor) => visitor.see(others)));
    const blind = this.visitors.filter((_, index) => !sees[index]).map(({ name }) => name);
    return {
      ok: blind.length === 0,
      detail: blind.length > 0 ? `Not all ${others} others are seen by ${blind.join(', ')}.` : '',
    };
  }

  /** Measures received media and, unless load is reduced, shares a screen and writes in the chat. */
  async meet(): Promise<BrowsersResult> {
    const received = await Promise.all(
      this.visitors.map((visitor) => visitor.receive(MEASURED_SECONDS, this.count - 1)),
    );
    const screens = this.spared ? undefined : await this.shareScreen();
    const messages = this.spared ? undefined : await this.write();
    const participants = this.visitors.map(({ name, joined, firstFrame, shard }, index) => ({
      name,
      joined,
      firstFrame,
      shard,
      speaking: this.speakers - (this.speaks(index + 1) ? 1 : 0),
      ...(received[index] as (typeof received)[number]),
      screen: screens?.[index],
      message: messages?.[index],
    }));
    const found = problems(participants);
    const frames = this.visitors.flatMap(({ opened, firstFrame }) =>
      firstFrame === undefined ? [] : [opened + firstFrame * 1000],
    );
    return {
      ok: found.length === 0,
      participants,
      ...(frames.length > 0 && { firstFrameAt: new Date(Math.min(...frames)) }),
      detail: found.join(' '),
      untried: this.spared
        ? ['No screen was shared and nothing written, to spare this machine.']
        : [
            ...(screens ? [] : ['No screen was shared: the page took none at the key for it.']),
            ...(messages ? [] : ['Nothing was written: the page opened no chat at the key for it.']),
          ],
    };
  }

  /** Addresses of the bridge to which the first browser sends its media. */
  async bridgeAddresses(): Promise<string[]> {
    return (await this.visitors[0]?.bridgeAddresses()) ?? [];
  }

  /** Video that each has decoded so far, and the number of page reloads and clicks. */
  watched(): FramesSeen[] {
    return this.visitors.map((visitor) => visitor.watched());
  }

  async close(): Promise<void> {
    await Promise.all(this.visitors.map((visitor) => visitor.leave()));
    await Promise.all(this.browsers.map((browser) => browser.close().catch(() => {})));
    this.scratch.remove();
  }

  /** Whether each visitor saw the screen that the first shares; undefined if it could not be tested. */
  private async shareScreen(): Promise<(boolean | undefined)[] | undefined> {
    const [sharer] = this.visitors;
    if (!(await sharer?.share())) return undefined;
    return Promise.all(
      this.visitors.map((visitor) => (visitor === sharer ? undefined : visitor.seeScreen())),
    );
  }

  /** Whether each visitor received the message of the last; undefined if it could not be tested. */
  private async write(): Promise<(boolean | undefined)[] | undefined> {
    const open = await Promise.all(this.visitors.map((visitor) => visitor.openChat()));
    const writer = this.visitors.findLast((_, index) => open[index]);
    if (!writer) return undefined;
    const message = 'Does everybody read this?';
    await writer.write(message);
    // Without an open chat, it is unknown whether the message arrived.
    return Promise.all(
      this.visitors.map((visitor, index) =>
        visitor === writer || !open[index] ? undefined : visitor.read(message),
      ),
    );
  }
}
