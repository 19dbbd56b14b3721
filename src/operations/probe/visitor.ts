import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import type { Clock, Reach } from '../../cloud/account.js';
import type { FramesSeen, Sample } from './frames.js';
import { IS_IN_ROOM, LOOK, REMOTE, WATCH } from './in-page.js';
import { growing, Sight, type Video } from './sight.js';

/** What one browser saw of the others. */
export interface BrowserParticipant {
  readonly name: string;
  /** Seconds from opening the page to being in the room. */
  readonly joined: number;
  /** Seconds from opening the page to the first picture of somebody else; undefined when none came. */
  readonly firstFrame: number | undefined;
  /** Videos of others that were being decoded at the end. */
  readonly videos: readonly Video[];
  /** Whether the side channel to the bridge is open. */
  readonly dataChannel: boolean;
}

export interface VisitorOptions {
  readonly clock: Clock;
  readonly reach?: Reach;
  readonly signal?: AbortSignal;
}

/** How long a page may take to be in the room, and all to see each other. */
const JOIN_PATIENCE_MS = 60_000;
const SEE_PATIENCE_MS = 60_000;

/** A browser in a room, which does what a person does. */
export class Visitor {
  private joined = 0;
  private readonly samples: Sample[] = [];
  private before: readonly Video[] = [];
  private reloads = 0;
  private clicks = 0;

  private constructor(
    readonly name: string,
    private readonly page: Page,
    private readonly options: VisitorOptions,
    /** When it opened the page, in milliseconds since the epoch. */
    readonly opened: number,
  ) {}

  /** Opens the link, gives a name, clicks. Rejects when that does not lead into the room. */
  static async enter(browser: Browser, name: string, url: string, options: VisitorOptions): Promise<Visitor> {
    const { clock, reach, signal } = options;
    // The certificate is the XMPP probe's to judge; a rehearsal's authority is not Chromium's.
    const context = await browser.newContext({
      ignoreHTTPSErrors: reach !== undefined,
      permissions: ['camera', 'microphone'],
      viewport: { width: 1280, height: 720 },
    });
    await context.addInitScript(WATCH);
    const page = await context.newPage();
    page.setDefaultTimeout(JOIN_PATIENCE_MS);
    const visitor = new Visitor(name, page, options, clock.now().getTime());
    await context.exposeFunction('convokeSample', (seen: unknown) => visitor.note(Sight.parse(seen)));
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const button = page.locator('[data-testid="prejoin.joinMeeting"]');
    await button.waitFor();
    await page.locator('#premeeting-name-input').fill(name);
    await button.click();
    while (!(await page.evaluate(IS_IN_ROOM))) {
      if (visitor.since() > JOIN_PATIENCE_MS / 1000) throw new Error(`${name} did not get into the room.`);
      await clock.wait(100, signal);
    }
    visitor.joined = visitor.since();
    page.on('domcontentloaded', () => {
      visitor.reloads++;
      // Where the page asks again whether to join, a person would have to click.
      button.click().then(
        () => {
          visitor.clicks++;
        },
        () => {},
      );
    });
    return visitor;
  }

  /** Waits until so many videos are being decoded, and tells what is seen then. */
  async see(others: number): Promise<BrowserParticipant> {
    const { clock, signal } = this.options;
    const deadline = clock.now().getTime() + SEE_PATIENCE_MS;
    let firstFrame: number | undefined;
    let before = await this.look();
    for (;;) {
      await clock.wait(500, signal);
      const now = await this.look();
      if (firstFrame === undefined && now.videos.length > 0) firstFrame = this.since();
      const videos = growing(before.videos, now.videos);
      if (videos.length >= others || clock.now().getTime() > deadline) {
        return { name: this.name, joined: this.joined, firstFrame, videos, dataChannel: now.dataChannel };
      }
      before = now;
    }
  }

  /** Where it sends its media: the addresses of the bridge. */
  async bridgeAddresses(): Promise<string[]> {
    return z.array(z.string()).parse(await this.page.evaluate(REMOTE));
  }

  /** What it decoded so far, and whether its page was loaded anew or had to be clicked. */
  watched(): FramesSeen {
    const { name, samples, reloads, clicks } = this;
    return { name, samples, reloads, clicks };
  }

  private async look(): Promise<Sight> {
    return Sight.parse(await this.page.evaluate(LOOK));
  }

  private note({ videos }: Sight): void {
    this.samples.push({
      at: this.options.clock.now().getTime(),
      live: growing(this.before, videos).length,
    });
    this.before = videos;
  }

  /** Seconds since the page was opened. */
  private since(): number {
    return (this.options.clock.now().getTime() - this.opened) / 1000;
  }
}
