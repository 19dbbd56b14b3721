import { type Browser, devices, type Locator } from 'playwright-core';
import { vi } from 'vitest';
import { roomKey } from '../../src/contract/room.js';
import { probeToken } from '../../src/operations/invite.js';
import {
  BrowserParticipantSession,
  type BrowserSessionOptions,
} from '../../src/operations/probe/browser-participant.js';
import { launcher } from '../../src/operations/probe/chromium.js';
import { IS_IN_ROOM } from '../../src/operations/probe/page-scripts.js';
import { cameras } from '../../src/operations/probe/webrtc-stats.js';
import { makeScratch } from '../../src/operations/temporary-folder.js';
import { CHROMIUM, type Deployed } from './deployed.js';

/** Timeout for others to disappear, and for a page to react to a repeated action. */
const PATIENCE_MS = 120_000;

/** Timeout for the effect of a click, before the click is repeated. */
const CLICK = { timeout: 5_000 };

/** Repeats an action until it succeeds: a busy page loses clicks, and its toolbar hides when the mouse does not move. */
const insist = (act: () => Promise<void>): Promise<void> =>
  vi.waitFor(act, { timeout: PATIENCE_MS, interval: 100 });

/** A small screen: what fits there fits elsewhere. */
const PHONE = devices['Galaxy S9+'];

/** Pixels by which the page is wider than the screen; on a phone it must not scroll sideways. */
const OVERHANG = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** The page has submitted a password: the dialog is closed, or has an empty field again. */
const ANSWERED = `(() => {
  const field = document.querySelector('input[name="lockKey"]');
  return field === null || field.value === '';
})()`;

/** The server has confirmed that new participants wait in the lobby. */
const HAS_LOBBY = `APP.store.getState()['features/lobby'].lobbyEnabled === true`;

/** The page's connection to its shard. */
const CONNECTION = 'APP.connection.xmpp.getConnection()';

/** Users in the same Chromium, each with their own window, camera and microphone, until `close`. */
export class BrowserUsers {
  private readonly scratch = makeScratch();
  private browser: Promise<Browser> | undefined;

  constructor(private readonly at: Deployed) {}

  /**
   * Opens the page of a room for a new user, who does not join yet: with the given invitation link, or else with a token if
   * the deployment requires one.
   */
  async openRoom(name: string, room: string, link?: string): Promise<BrowserUser> {
    const { account, deployment } = this.at;
    const token = link ? undefined : await probeToken(account, deployment, room);
    const url = link ?? `https://${deployment.domain}/${roomKey(room)}${token ? `?jwt=${token}` : ''}`;
    return this.open(name, url);
  }

  /** A user who has opened the address that `up` prints, on a phone. */
  async onPhone(name: string): Promise<BrowserUser> {
    return this.open(name, `https://${this.at.deployment.domain}/`, { device: PHONE });
  }

  /** A user who has joined a room. */
  async in(name: string, room: string, link?: string): Promise<BrowserUser> {
    const user = await this.openRoom(name, room, link);
    await user.join();
    return user;
  }

  /** Three users who join a room one after another: the first two may use a direct connection until the third joins. */
  async three(room: string): Promise<[BrowserUser, BrowserUser, BrowserUser]> {
    return [await this.in('Ada', room), await this.in('Ben', room), await this.in('Eve', room)];
  }

  private async open(
    name: string,
    url: string,
    on: Pick<BrowserSessionOptions, 'device'> = {},
  ): Promise<BrowserUser> {
    const { account } = this.at;
    this.browser ??= launcher(CHROMIUM, this.scratch.path, account.endpointOverride)();
    const options = {
      clock: account.clock,
      ...(account.endpointOverride && { endpointOverride: account.endpointOverride }),
      ...on,
    };
    return new BrowserUser(await BrowserParticipantSession.open(await this.browser, name, url, options), url);
  }

  async close(): Promise<void> {
    await (await this.browser)?.close();
    this.scratch.remove();
  }
}

/** Somebody at a meeting page, in English. */
export class BrowserUser {
  constructor(
    readonly visitor: BrowserParticipantSession,
    private readonly url: string,
  ) {}

  get name(): string {
    return this.visitor.name;
  }

  /** Gives a name, clicks, and is in the room. */
  async join(): Promise<void> {
    await this.visitor.ask();
    await this.visitor.beInRoom();
  }

  /** Gives a name and clicks; what follows is not waited for. */
  async ask(): Promise<void> {
    await this.visitor.ask();
  }

  /** Gives a name, clicks, and is asked to wait in the lobby. */
  async knock(): Promise<void> {
    await this.visitor.ask();
    await this.page.locator('.lobby-screen').waitFor();
  }

  /** Types the name of a room on the front page, and goes to its door. */
  async goTo(room: string): Promise<void> {
    await this.page.locator('#enter_room_field').fill(room);
    await this.page.locator('#enter_room_button').tap();
    await this.visitor.beAtDoor();
  }

  /** Whether all of the page that is shown can be seen without scrolling sideways. */
  async fitsScreen(): Promise<boolean> {
    return Number(await this.page.evaluate(OVERHANG)) <= 0;
  }

  /** Waits to be let in. */
  async waitForAdmission(): Promise<void> {
    await this.visitor.beInRoom();
  }

  /** Waits until this number of other cameras is seen. Returns false after a timeout. */
  async sees(others: number): Promise<boolean> {
    return this.visitor.see(others);
  }

  /** Waits until this number of other cameras is seen in this width, in pixels. Returns false after a timeout. */
  async seesWide(others: number, width: number): Promise<boolean> {
    return this.visitor.watchFor(
      PATIENCE_MS,
      (videos) => cameras(videos).filter((video) => video.width === width).length === others,
    );
  }

  /** Waits until exactly this number of other cameras is seen. Returns false after a timeout. */
  async seesJust(others: number): Promise<boolean> {
    return this.visitor.watchFor(PATIENCE_MS, (videos) => cameras(videos).length === others);
  }

  async isInRoom(): Promise<boolean> {
    return this.visitor.isInRoom();
  }

  async isModerator(): Promise<boolean> {
    return (await this.page.evaluate('APP.conference._room?.isModerator()')) === true;
  }

  /** Name of the room that the page is in, or enters: a breakout room has a random one. */
  async room(): Promise<unknown> {
    return this.page.evaluate('APP.conference._room?.getName()');
  }

  /** Admits the participants who wait in the lobby. */
  async admit(): Promise<void> {
    await this.byTestId('participantsPane.actions.admit').click();
  }

  /** Has newcomers wait in a lobby. */
  async openLobby(): Promise<void> {
    await this.inSecurityDialog(async () => {
      // Once: the switch keeps its place until the room's server has confirmed, and a second click would take the first back.
      await this.page.locator('#lobby-section-switch').click({ force: true });
      await this.page.waitForFunction(HAS_LOBBY);
    });
  }

  /** Has newcomers give a password. */
  async setPassword(password: string): Promise<void> {
    await this.inSecurityDialog(async () => {
      const field = this.page.locator('#info-password-input');
      await insist(async () => {
        if (!(await field.isVisible())) await this.page.locator('.add-password').click(CLICK);
        await field.fill(password, CLICK);
      });
      await field.press('Enter');
      await this.page.locator('.info-password-local').waitFor();
    });
  }

  /** Enters a password if the page asks for one, and waits for the page's response. */
  async givePassword(password: string): Promise<void> {
    const field = this.page.locator('input[name="lockKey"]');
    await field.waitFor();
    await field.fill(password);
    await field.press('Enter');
    await this.page.waitForFunction(ANSWERED);
  }

  /** Waits for the page to ask for a password. */
  async isAskedForPassword(): Promise<void> {
    await this.page.locator('input[name="lockKey"]').waitFor();
  }

  /** Makes a breakout room. */
  async makeBreakoutRoom(): Promise<void> {
    await this.openParticipants();
    await this.page.getByRole('button', { name: 'Add breakout room' }).click();
    await this.breakoutRooms.first().waitFor();
  }

  /** Goes from the meeting into its breakout room, or from there back to the meeting: where one is, the other is listed. */
  async changeRoom(): Promise<void> {
    await this.openParticipants();
    const room = this.breakoutRooms.first();
    await room.waitFor();
    const id = await room.getAttribute('data-testid');
    await room.hover();
    await this.byTestId(`join-room-${id}`).click();
  }

  /** Loses the connection to the shard. */
  async loseConnection(): Promise<void> {
    await this.page.evaluate(`${CONNECTION}._stropheConn._proto.socket.close()`);
  }

  /** Loses the connection to the shard, and waits until the page has resumed it. */
  async reconnect(): Promise<void> {
    await this.loseConnection();
    await this.page.waitForFunction(`${CONNECTION}.connected`);
  }

  /** Reloads the page, whose address no longer has the token, and joins again. */
  async reload(): Promise<void> {
    await this.page.waitForFunction('!location.search.includes("jwt=")');
    await this.page.reload({ waitUntil: 'domcontentloaded' });
    await this.page.waitForFunction(IS_IN_ROOM);
  }

  /** Waits until the page has nothing but this to say, and still has after a reload. */
  async isTurnedAway(what: string): Promise<void> {
    await this.page.getByRole('heading', { name: what }).waitFor();
    await this.page.reload();
    await this.page.getByRole('heading', { name: what }).waitFor();
  }

  /** Leaves with the red button, and is led to the welcome page. */
  async leave(): Promise<void> {
    const moderates = await this.isModerator();
    await insist(async () => {
      await this.wake();
      await this.button('Leave the meeting').click(CLICK);
    });
    // A moderator may also end the meeting for all, and is asked.
    if (moderates) await this.button('Leave meeting').click();
    await this.page.waitForURL(({ pathname }) => pathname === '/', { waitUntil: 'commit' });
  }

  /** Opens the address again and joins; the page remembers the name. */
  async comeBack(): Promise<void> {
    await this.page.goto(this.url, { waitUntil: 'domcontentloaded' });
    await this.page.waitForFunction(IS_IN_ROOM);
  }

  private get page() {
    return this.visitor.page;
  }

  private get breakoutRooms(): Locator {
    return this.page.locator('.breakout-room-container');
  }

  private async inSecurityDialog(work: () => Promise<void>): Promise<void> {
    const [entry, dialog] = [this.button('Security options'), this.page.locator('.password-section')];
    await insist(async () => {
      if (await dialog.isVisible()) return;
      await this.wake();
      if (!(await entry.isVisible())) await this.button('More actions').click(CLICK);
      await entry.click(CLICK);
      await dialog.waitFor(CLICK);
    });
    await work();
    await insist(async () => {
      await this.page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden', ...CLICK });
    });
  }

  private async openParticipants(): Promise<void> {
    const pane = this.page.locator('#participants-pane');
    await insist(async () => {
      if (await pane.isVisible()) return;
      await this.wake();
      await this.page.locator('[aria-label^="Open participants pane"]').click(CLICK);
      await pane.waitFor(CLICK);
    });
  }

  /** Moves the mouse: the toolbar hides when it does not move. */
  private async wake(): Promise<void> {
    await this.page.mouse.move(300, 300);
    await this.page.mouse.move(320, 320);
  }

  private button(label: string): Locator {
    return this.page.locator(`[aria-label="${label}"]`);
  }

  private byTestId(id: string): Locator {
    return this.page.locator(`[data-testid="${id}"]`);
  }
}
