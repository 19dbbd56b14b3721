import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { z } from 'zod';
import type { Clock, EndpointOverride } from '../../cloud/account.js';
import script from '../../page/probe.text.js';
import { FrameSample, type FramesSeen } from './frame-gaps.js';
import { HANG_UP, IS_IN_ROOM, SHARES, STATS } from './page-scripts.js';
import {
  cameras,
  growing,
  NOTHING,
  type Reception,
  reception,
  StatsSample,
  steady,
  type Video,
} from './webrtc-stats.js';

export interface BrowserSessionOptions {
  readonly clock: Clock;
  readonly endpointOverride?: EndpointOverride;
  readonly signal?: AbortSignal;
  /** The device, as Playwright describes devices. Default: a desktop of 1280 × 720 px. */
  readonly device?: BrowserContextOptions;
}

/**
 * Timeouts in milliseconds: for joining the room, seeing all others, the effect of a key, videos reaching their size, the
 * participant's own message appearing in the chat, and hanging up. They are longer than users wait: durations are reported,
 * and a machine that runs many browsers is slow.
 */
const JOIN_PATIENCE_MS = 120_000;
const SEE_PATIENCE_MS = 120_000;
const KEY_PATIENCE_MS = 30_000;
const STEADY_PATIENCE_MS = 30_000;
const OWN_WORDS_PATIENCE_MS = 5_000;
const LEAVE_PATIENCE_MS = 3_000;

/** Path of the conference request, which the page sends after a click. The answer has the name of the shard. */
const CONFERENCE_REQUEST = '/conference-request/';

/** A browser in a room, which does what a user does. */
export class BrowserParticipantSession {
  /** Seconds from opening the page to being in the room. */
  joined = 0;
  /** Seconds from opening the page to the first frame of another participant; undefined until then. */
  firstFrame: number | undefined;
  /** The shard of the room; empty if the answers do not name it. */
  shard = '';
  /** When the page was opened, in milliseconds since the epoch. */
  readonly opened: number;
  private readonly looks: FrameSample[] = [];
  private reloads = 0;
  private clicks = 0;

  private constructor(
    readonly name: string,
    readonly page: Page,
    private readonly options: BrowserSessionOptions,
  ) {
    this.opened = options.clock.now().getTime();
  }

  /** Opens the link, enters a name, and clicks. Rejects if the page does not get into the room. */
  static async enter(
    browser: Browser,
    name: string,
    url: string,
    options: BrowserSessionOptions,
  ): Promise<BrowserParticipantSession> {
    const visitor = await BrowserParticipantSession.open(browser, name, url, options);
    await visitor.ask();
    await visitor.beInRoom();
    return visitor;
  }

  /** Opens the link, and does nothing else. */
  static async open(
    browser: Browser,
    name: string,
    url: string,
    options: BrowserSessionOptions,
  ): Promise<BrowserParticipantSession> {
    // The XMPP probe checks the certificate. Chromium does not know the rehearsal's certificate authority.
    const context = await browser.newContext({
      ignoreHTTPSErrors: options.endpointOverride !== undefined,
      permissions: ['camera', 'microphone'],
      viewport: { width: 1280, height: 720 },
      ...options.device,
    });
    await context.addInitScript(script);
    const page = await context.newPage();
    page.setDefaultTimeout(JOIN_PATIENCE_MS);
    const visitor = new BrowserParticipantSession(name, page, options);
    await context.exposeFunction('convokeLooks', (looks: unknown) =>
      visitor.note(z.array(FrameSample).parse(looks)),
    );
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.includes(CONFERENCE_REQUEST))
        visitor.shard = response.headers()['x-jitsi-shard'] ?? '';
    });
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    return visitor;
  }

  /** Waits until the page asks whether to join. */
  async beAtDoor(): Promise<void> {
    await this.joinButton.waitFor();
  }

  /** Enters a name, and clicks to join. */
  async ask(): Promise<void> {
    await this.beAtDoor();
    await this.page.locator('#premeeting-name-input').fill(this.name);
    await this.joinButton.click();
  }

  /** Waits until the page is in the room; afterwards it may be reloaded. Rejects after a timeout. */
  async beInRoom(patience = JOIN_PATIENCE_MS): Promise<void> {
    const deadline = this.now() + patience;
    while (!(await this.isInRoom())) {
      if (this.now() > deadline) throw new Error(`${this.name} did not get into the room.`);
      await this.wait(100);
    }
    this.joined = this.since();
    this.page.on('domcontentloaded', () => {
      this.reloads++;
      // If the page asks again whether to join, a user would have to click.
      this.joinButton.click().then(
        () => {
          this.clicks++;
        },
        () => {},
      );
    });
  }

  async isInRoom(): Promise<boolean> {
    return this.asks(IS_IN_ROOM, z.boolean(), false);
  }

  /** Waits until this number of cameras is decoded. Returns false after a timeout. */
  async see(others: number, patience = SEE_PATIENCE_MS): Promise<boolean> {
    return this.watchFor(patience, (videos) => cameras(videos).length >= others);
  }

  /** Waits until a shared screen of another participant is decoded. Returns false after a timeout. */
  async seeScreen(patience = SEE_PATIENCE_MS): Promise<boolean> {
    return this.watchFor(patience, (videos) => videos.some(({ screen }) => screen));
  }

  /** Checks the live videos twice a second until there are enough. Returns false after a timeout. */
  async watchFor(patience: number, enough: (live: readonly Video[]) => boolean): Promise<boolean> {
    let before = await this.look();
    return this.until(patience, async () => {
      await this.wait(500);
      const now = await this.look();
      const live = growing(before.videos, now.videos);
      before = now;
      return enough(live);
    });
  }

  /**
   * What is received in an interval of some seconds, and what is seen at its end. It is the first interval in which the cameras
   * of all others were decoded and no video changed its size, or the last one before the timeout.
   */
  async receive(
    seconds: number,
    others: number,
  ): Promise<Reception & Pick<StatsSample, 'dataChannel' | 'bridges'>> {
    const deadline = this.now() + STEADY_PATIENCE_MS;
    for (;;) {
      const [before, from] = [await this.look(), this.now()];
      await this.wait(seconds * 1000);
      const [now, to] = [await this.look(), this.now()];
      const received = reception(before, now, (to - from) / 1000);
      const all = cameras(received.videos).length >= others;
      if ((all && steady(before.videos, now.videos)) || to >= deadline)
        return { ...received, dataChannel: now.dataChannel, bridges: now.bridges };
    }
  }

  /** Shares a screen with its key. Returns whether the page got one. Chromium generates the screen. */
  async share(): Promise<boolean> {
    await this.page.keyboard.press('d');
    return this.until(KEY_PATIENCE_MS, async () => z.number().parse(await this.page.evaluate(SHARES)) > 0);
  }

  /** Opens the chat with its key. Returns whether there is one. */
  async openChat(): Promise<boolean> {
    await this.page.keyboard.press('c');
    return shown(this.chat.waitFor({ timeout: KEY_PATIENCE_MS }));
  }

  /** Sends a message in the chat, which must be open. Tries again if the busy page lost what was typed. */
  async write(message: string): Promise<void> {
    await this.until(KEY_PATIENCE_MS, async () => {
      await this.chat.fill(message);
      await this.chat.press('Enter');
      return this.read(message, OWN_WORDS_PATIENCE_MS);
    });
  }

  /** Waits for a message in the chat, which must be open. Returns false after a timeout. */
  async read(message: string, patience = SEE_PATIENCE_MS): Promise<boolean> {
    const said = this.page.locator('#chatconversation').getByText(message).first();
    return shown(said.waitFor({ timeout: patience }));
  }

  /** The addresses of the bridge to which it sends its media. */
  async bridgeAddresses(): Promise<string[]> {
    return (await this.look()).bridges;
  }

  /**
   * Hangs up, as a user does. Without it, the participant would stay in the room for a minute, as if its network had failed.
   * If the page no longer responds, that is accepted.
   */
  async leave(): Promise<void> {
    await Promise.race([this.page.evaluate(HANG_UP), this.wait(LEAVE_PATIENCE_MS)]).catch(() => {});
  }

  /** What it decoded so far, and how often its page was reloaded or needed a click. */
  watched(): FramesSeen {
    const { name, looks, reloads, clicks } = this;
    return { name, looks, reloads, clicks };
  }

  private get joinButton() {
    return this.page.locator('[data-testid="prejoin.joinMeeting"]');
  }

  private get chat() {
    return this.page.locator('#chat-input-messagebox');
  }

  private look(): Promise<StatsSample> {
    return this.asks(STATS, StatsSample, NOTHING);
  }

  /** The result of a script on the page; `left`: the result if the page is left or reloaded meanwhile. */
  private async asks<T>(script: string, answer: z.ZodType<T>, left: T): Promise<T> {
    try {
      return answer.parse(await this.page.evaluate(script));
    } catch (error) {
      if (error instanceof Error && error.message.includes('context was destroyed')) return left;
      throw error;
    }
  }

  private async until(patience: number, condition: () => Promise<boolean>): Promise<boolean> {
    const deadline = this.now() + patience;
    while (!(await condition())) {
      if (this.now() > deadline) return false;
      await this.wait(100);
    }
    return true;
  }

  private note(looks: readonly FrameSample[]): void {
    this.looks.push(...looks);
    const first = looks.flatMap(({ frames }) => frames)[0];
    if (first !== undefined) this.firstFrame ??= this.since(first);
  }

  /** Seconds from opening the page to a moment. Default: now. */
  private since(moment = this.now()): number {
    return (moment - this.opened) / 1000;
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }

  private wait(milliseconds: number): Promise<void> {
    return this.options.clock.wait(milliseconds, this.options.signal);
  }
}

const shown = (waiting: Promise<void>): Promise<boolean> =>
  waiting.then(
    () => true,
    () => false,
  );
