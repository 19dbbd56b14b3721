import type { Browser } from 'playwright-core';
import { makeScratch } from '../temporary-folder.js';
import { BrowserParticipantSession, type BrowserSessionOptions } from './browser-participant.js';
import { launcher } from './chromium.js';
import type { FramesSeen } from './frame-gaps.js';
import { probeRoom } from './room-name.js';
import { type BrowserParticipant, problems } from './verdict.js';

export interface BrowsersResult {
  /** Whether each sees and hears all the others, and gets what they share and write. */
  readonly ok: boolean;
  readonly participants: readonly BrowserParticipant[];
  /** When the first picture of somebody else was seen by anybody; undefined when none was. */
  readonly firstFrameAt?: Date;
  /** What failed, in a sentence; empty when nothing did. */
  readonly detail: string;
  /** What could not be tried, in sentences: a page of another release may know other keys. */
  readonly untried: readonly string[];
}

export interface BrowsersOptions extends BrowserSessionOptions {
  /** How many. Default: 3, since two talk to each other without the bridge. */
  readonly count?: number;
  /** As in an address (`roomKey`). Default: `probeRoom()`, a name that nobody else uses. */
  readonly room?: string;
  /** A token for `room`, where meetings are for members. */
  readonly token?: string | undefined;
  /**
   * How many have their microphones on. Where it is not all of them the machine is spared: several who beep in turns have
   * each page show another speaker several times a second. Then all send VP8, since no other video is encoded with less
   * effort, and nobody shares a screen or writes. Default: all of three, one of more.
   */
  readonly speakers?: number;
}

/** How many open the page at the same moment: to load it is what takes a machine most. */
const AT_ONCE = 3;

/** Seconds over which frame rate and loss are measured. */
const MEASURED_SECONDS = 5;

/**
 * Overrides the page's settings: who comes muted, as `meetings.startMuted` may want it, could not be heard or seen; and
 * meters of loudness, at which nobody looks, take three pages whose microphones are on a third of what they take.
 */
const ALL = ['config.startVideoMuted=1000', 'config.disableAudioLevels=true'];
const SPEAKS = 'config.startAudioMuted=1000';
const LISTENS = 'config.startWithAudioMuted=true';
const SPARING = 'config.videoQuality.codecPreferenceOrder=%5B%22VP8%22%5D';

/**
 * Has browsers enter a room as persons do, with a camera and a microphone that are made up, and waits until each decodes
 * pictures of all the others. Then frames, sound and loss are measured, the first shares a screen, and the last writes in
 * the chat, unless the machine is spared. It asks Chromium itself (WebRTC's statistics), not the page.
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

  /** Each opens the page and goes in, some at a time. Rejects when one does not get in. */
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

  /** The first ones do. */
  private speaks(number: number): boolean {
    return number <= this.speakers;
  }

  /** Waits until each decodes all the others; says who does not. */
  async see(): Promise<{ readonly ok: boolean; readonly detail: string }> {
    const others = this.count - 1;
    const sees = await Promise.all(this.visitors.map((visitor) => visitor.see(others)));
    const blind = this.visitors.filter((_, index) => !sees[index]).map(({ name }) => name);
    return {
      ok: blind.length === 0,
      detail: blind.length > 0 ? `Not all ${others} others are seen by ${blind.join(', ')}.` : '',
    };
  }

  /** Measures what is received; unless the machine is spared, shares a screen and writes in the chat. */
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

  /** Where the first browser sends its media: the addresses of the bridge. */
  async bridgeAddresses(): Promise<string[]> {
    return (await this.visitors[0]?.bridgeAddresses()) ?? [];
  }

  /** What each decoded so far, and how often its page was reloaded or needed a click. */
  watched(): FramesSeen[] {
    return this.visitors.map((visitor) => visitor.watched());
  }

  async close(): Promise<void> {
    await Promise.all(this.visitors.map((visitor) => visitor.leave()));
    await Promise.all(this.browsers.map((browser) => browser.close().catch(() => {})));
    this.scratch.remove();
  }

  /** Who saw the screen that the first shares, in the order of the visitors; undefined where that could not be tried. */
  private async shareScreen(): Promise<(boolean | undefined)[] | undefined> {
    const [sharer] = this.visitors;
    if (!(await sharer?.share())) return undefined;
    return Promise.all(
      this.visitors.map((visitor) => (visitor === sharer ? undefined : visitor.seeScreen())),
    );
  }

  /** Who read what the last writes, in the order of the visitors; undefined where that could not be tried. */
  private async write(): Promise<(boolean | undefined)[] | undefined> {
    const open = await Promise.all(this.visitors.map((visitor) => visitor.openChat()));
    const writer = this.visitors.findLast((_, index) => open[index]);
    if (!writer) return undefined;
    const message = 'Does everybody read this?';
    await writer.write(message);
    // Who could not open it cannot say whether the message came.
    return Promise.all(
      this.visitors.map((visitor, index) =>
        visitor === writer || !open[index] ? undefined : visitor.read(message),
      ),
    );
  }
}
