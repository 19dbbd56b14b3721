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
  /** What it opens the page on, as Playwright describes devices. Default: a desktop of 1280 × 720 px. */
  readonly device?: BrowserContextOptions;
}

/**
 * Longer than anybody waits: how long it took is told, and a machine that is busy with many browsers is slow itself.
 * Milliseconds that a page may take to be in the room, that all may take to see each other, that a key may, that videos
 * may to come to their size, that one’s own words may to be in the chat, and that hanging up may.
 */
const JOIN_PATIENCE_MS = 120_000;
const SEE_PATIENCE_MS = 120_000;
const KEY_PATIENCE_MS = 30_000;
const STEADY_PATIENCE_MS = 30_000;
const OWN_WORDS_PATIENCE_MS = 5_000;
const LEAVE_PATIENCE_MS = 3_000;

/** Where the page leads to after a click: the focus is asked, and the answer says which shard it is from. */
const CONFERENCE_REQUEST = '/conference-request/';

/** A browser in a room, which does what a person does. */
export class BrowserParticipantSession {
  /** Seconds from opening the page to being in the room. */
  joined = 0;
  /** Seconds from opening the page to the first picture of somebody else; undefined as long as none came. */
  firstFrame: number | undefined;
  /** The shard that the room is on; empty when the answers do not say. */
  shard = '';
  /** When it opened the page, in milliseconds since the epoch. */
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

  /** Opens the link, gives a name, clicks. Rejects when that does not lead into the room. */
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

  /** Opens the link, and does nothing yet. */
  static async open(
    browser: Browser,
    name: string,
    url: string,
    options: BrowserSessionOptions,
  ): Promise<BrowserParticipantSession> {
    // The certificate is the XMPP probe's to judge; a rehearsal's authority is not Chromium's.
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

  /** Gives a name, and asks to be let in. */
  async ask(): Promise<void> {
    await this.beAtDoor();
    await this.page.locator('#premeeting-name-input').fill(this.name);
    await this.joinButton.click();
  }

  /** Waits to be in the room; from then on the page may be loaded anew. Rejects when it takes too long. */
  async beInRoom(patience = JOIN_PATIENCE_MS): Promise<void> {
    const deadline = this.now() + patience;
    while (!(await this.isInRoom())) {
      if (this.now() > deadline) throw new Error(`${this.name} did not get into the room.`);
      await this.wait(100);
    }
    this.joined = this.since();
    this.page.on('domcontentloaded', () => {
      this.reloads++;
      // Where the page asks again whether to join, a person would have to click.
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

  /** Waits until so many cameras are being decoded; says whether it came to that. */
  async see(others: number, patience = SEE_PATIENCE_MS): Promise<boolean> {
    return this.watchFor(patience, (videos) => cameras(videos).length >= others);
  }

  /** Waits until a screen is being decoded that somebody else shares; says whether it came to that. */
  async seeScreen(patience = SEE_PATIENCE_MS): Promise<boolean> {
    return this.watchFor(patience, (videos) => videos.some(({ screen }) => screen));
  }

  /** Looks twice a second, until the videos that are live then are what is waited for; says whether it came to that. */
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
   * What is received in so many seconds, and what is seen at their end: the first in which the cameras of so many others were
   * decoded and no video changed its size, or the last that there is patience for.
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

  /** Shares a screen, with the key for it; says whether the page took one. Chromium makes the screen up. */
  async share(): Promise<boolean> {
    await this.page.keyboard.press('d');
    return this.until(KEY_PATIENCE_MS, async () => z.number().parse(await this.page.evaluate(SHARES)) > 0);
  }

  /** Opens the chat, with the key for it; says whether there is one. */
  async openChat(): Promise<boolean> {
    await this.page.keyboard.press('c');
    return shown(this.chat.waitFor({ timeout: KEY_PATIENCE_MS }));
  }

  /** Says something in the chat, which must be open: again where the page, busy with itself, lost what was typed. */
  async write(message: string): Promise<void> {
    await this.until(KEY_PATIENCE_MS, async () => {
      await this.chat.fill(message);
      await this.chat.press('Enter');
      return this.read(message, OWN_WORDS_PATIENCE_MS);
    });
  }

  /** Waits for a message in the chat, which must be open; says whether it came. */
  async read(message: string, patience = SEE_PATIENCE_MS): Promise<boolean> {
    const said = this.page.locator('#chatconversation').getByText(message).first();
    return shown(said.waitFor({ timeout: patience }));
  }

  /** Where it sends its media: the addresses of the bridge. */
  async bridgeAddresses(): Promise<string[]> {
    return (await this.look()).bridges;
  }

  /**
   * Hangs up, as a person does. Whose page just disappears stays in the room for a minute, as somebody whose network is away.
   * Where the page cannot any more, that has to do.
   */
  async leave(): Promise<void> {
    await Promise.race([this.page.evaluate(HANG_UP), this.wait(LEAVE_PATIENCE_MS)]).catch(() => {});
  }

  /** What it decoded so far, and whether its page was loaded anew or had to be clicked. */
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

  /** What the page answers to a script; `left`: what it does when it is left or loaded anew in between. */
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
