import type { Browser } from 'playwright-core';
import { makeScratch } from '../scratch.js';
import { launcher } from './chromium.js';
import type { FramesSeen } from './frames.js';
import { probeRoom } from './room-name.js';
import { type BrowserParticipant, Visitor, type VisitorOptions } from './visitor.js';

export interface BrowsersResult {
  /** Whether each decodes all the others. */
  readonly ok: boolean;
  readonly participants: readonly BrowserParticipant[];
  /** When the first picture of somebody else was seen by anybody; undefined when none was. */
  readonly firstFrameAt?: Date;
  /** What failed, in a sentence; empty when nothing did. */
  readonly detail: string;
}

export interface BrowsersOptions extends VisitorOptions {
  /** How many. Default: 3, since two talk to each other without the bridge. */
  readonly count?: number;
  /** Default: `probeRoom()`, a name that nobody else uses. */
  readonly room?: string;
  /** A token for `room`, where meetings are for members. */
  readonly token?: string | undefined;
}

/**
 * Has browsers join a room as persons do, with a camera and a microphone that are made up, and waits until each decodes
 * pictures of all the others. It asks Chromium itself (WebRTC's `framesDecoded`), not the page.
 */
export async function probeBrowsers(
  domain: string,
  program: string,
  options: BrowsersOptions,
): Promise<BrowsersResult> {
  const room = new BrowserRoom(domain, program, options);
  try {
    await room.enter();
    return await room.see();
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, participants: [], detail: message };
  } finally {
    await room.close();
  }
}

/** Browsers that stay in a room until it is closed. */
export class BrowserRoom {
  private readonly count: number;
  private readonly url: string;
  private readonly scratch = makeScratch();
  private readonly browsers: Browser[] = [];
  private visitors: readonly Visitor[] = [];

  constructor(
    domain: string,
    private readonly program: string,
    private readonly options: BrowsersOptions,
  ) {
    this.count = options.count ?? 3;
    const invitation = options.token ? `?jwt=${options.token}` : '';
    this.url = `https://${domain}/${options.room ?? probeRoom()}${invitation}`;
  }

  /** Each opens the page and goes in. Rejects when one does not get in. */
  async enter(): Promise<void> {
    const launch = launcher(this.program, this.scratch.path, this.options.reach);
    this.visitors = await Promise.all(
      Array.from({ length: this.count }, async (_, index) => {
        const browser = await launch();
        this.browsers.push(browser);
        return Visitor.enter(browser, `Participant ${index + 1}`, this.url, this.options);
      }),
    );
  }

  /** Waits until each decodes all the others, and tells what is seen then. */
  async see(): Promise<BrowsersResult> {
    const others = this.count - 1;
    const participants = await Promise.all(this.visitors.map((visitor) => visitor.see(others)));
    const blind = participants.find(({ videos }) => videos.length < others);
    const frames = participants.flatMap(({ firstFrame }, index) =>
      firstFrame === undefined ? [] : [(this.visitors[index]?.opened ?? 0) + firstFrame * 1000],
    );
    return {
      ok: blind === undefined,
      participants,
      ...(frames.length > 0 && { firstFrameAt: new Date(Math.min(...frames)) }),
      detail: blind ? `${blind.name} decodes ${blind.videos.length} of ${others} videos.` : '',
    };
  }

  /** Where the first browser sends its media: the addresses of the bridge. */
  async bridgeAddresses(): Promise<string[]> {
    return (await this.visitors[0]?.bridgeAddresses()) ?? [];
  }

  /** What each decoded so far, and whether its page was loaded anew or had to be clicked. */
  watched(): FramesSeen[] {
    return this.visitors.map((visitor) => visitor.watched());
  }

  async close(): Promise<void> {
    await Promise.all(this.browsers.map((browser) => browser.close().catch(() => {})));
    this.scratch.remove();
  }
}
