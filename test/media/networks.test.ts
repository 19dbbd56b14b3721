import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BrowserParticipantSession } from '../../src/operations/probe/browser-participant.js';
import { launcher } from '../../src/operations/probe/chromium.js';
import { probeRoom } from '../../src/operations/probe/room-name.js';
import { makeScratch } from '../../src/operations/temporary-folder.js';
import { CHROMIUM, type Deployed, deploy, describeMedia, printMeasurements } from './deployed.js';

const WEBSOCKET = /\/xmpp-websocket/;
const USES_WEBSOCKET = 'APP.connection.xmpp.getConnection().isUsingWebSocket';
const NOTICE = 'The meeting cannot be reached.';

describeMedia('the page in other people’s networks and pages', () => {
  const scratch = makeScratch();
  let here: Deployed;
  let browser: Browser;
  beforeAll(async () => {
    here = await deploy('meet.example.org');
    browser = await launcher(CHROMIUM, scratch.path, here.account.endpointOverride)();
  });
  afterAll(async () => {
    await browser?.close();
    scratch.remove();
    await here?.remove();
  });

  /** Somebody at the door of a room, in a network that treats requests in its own way. */
  const openRoom = async (
    name: string,
    room: string,
    treat: (page: Page) => Promise<void> = async () => {},
  ) => {
    const { account, deployment } = here;
    const url = `https://${deployment.domain}/${room}`;
    const visitor = await BrowserParticipantSession.open(browser, name, url, {
      clock: account.clock,
      ...(account.endpointOverride && { endpointOverride: account.endpointOverride }),
    });
    await treat(visitor.page);
    await visitor.page.reload({ waitUntil: 'domcontentloaded' });
    return visitor;
  };

  it.each([
    ['closes WebSockets', (page: Page) => page.routeWebSocket(WEBSOCKET, (socket) => void socket.close())],
    ['opens WebSockets and passes nothing on', (page: Page) => page.routeWebSocket(WEBSOCKET, () => {})],
  ])('joins over BOSH with one click if the network %s', async (what, treat) => {
    const eve = await openRoom('Eve', probeRoom(), treat);
    await eve.beAtDoor();
    const clicked = Date.now();
    const loadsAgain = eve.page.waitForEvent('domcontentloaded').then(() => Date.now() - clicked);
    await eve.ask();
    const reloaded = (await loadsAgain) / 1_000;
    await eve.page.waitForFunction('window.APP && APP.conference && APP.conference.isJoined()');
    printMeasurements(`a network that ${what}`, { reloaded, joined: (Date.now() - clicked) / 1_000 });
    expect(reloaded).toBeLessThan(20);
    expect(await eve.page.evaluate(USES_WEBSOCKET)).toBe(false);
    await eve.page.context().close();
  });

  it('says so within 20 s if the network blocks BOSH too', async () => {
    const eve = await openRoom('Eve', probeRoom(), async (page) => {
      await page.routeWebSocket(WEBSOCKET, (socket) => void socket.close());
      await page.route(/\/(http-bind|xmpp-websocket)/, (route) => route.abort());
    });
    await eve.ask();
    await eve.page.getByText(NOTICE).waitFor({ timeout: 20_000 });
    await eve.page.context().close();
  });

  it('does nothing that its Content-Security-Policy forbids', async () => {
    const violations: string[] = [];
    const room = probeRoom();
    const listen = async (page: Page) => {
      page.on('console', (message) => {
        if (/Content.Security.Policy|Permissions.policy/i.test(message.text()))
          violations.push(message.text());
      });
    };
    const ada = await openRoom('Ada', room, listen);
    await ada.ask();
    await ada.beInRoom();
    const ben = await openRoom('Ben', room, listen);
    await ben.ask();
    await ben.beInRoom();
    expect(await ada.see(1)).toBe(true);
    expect(await ben.share()).toBe(true);
    expect(await ada.seeScreen()).toBe(true);
    await ada.openChat();
    await ada.write('hello');
    for (const one of [ada, ben]) await one.page.context().close();
    printMeasurements('violations', violations);
    expect(violations).toEqual([]);
  });

  it('is embedded by a page with COEP, which makes a breakout room and moves into it', async () => {
    const { domain } = here.deployment;
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      permissions: ['camera', 'microphone'],
    });
    const page = await context.newPage();
    await page.route('https://intranet.example.net/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: {
          'cross-origin-embedder-policy': 'require-corp',
          'cross-origin-opener-policy': 'same-origin',
        },
        body: `<!DOCTYPE html><div id="meeting" style="height: 600px"></div>
<script src="https://${domain}/external_api.js"></script>
<script>
  window.joined = [];
  window.api = new JitsiMeetExternalAPI('${domain}', {
    roomName: '${probeRoom()}', parentNode: document.getElementById('meeting'), userInfo: { displayName: 'Eve' },
    configOverwrite: { prejoinConfig: { enabled: false } },
  });
  api.on('videoConferenceJoined', (event) => joined.push(Boolean(event.breakoutRoom)));
  api.on('breakoutRoomsUpdated', ({ rooms }) => {
    const room = Object.values(rooms).find(({ isMainRoom }) => !isMainRoom);
    if (room && joined.length === 1) api.executeCommand('joinBreakoutRoom', room.jid);
  });
</script>`,
      }),
    );
    await page.goto('https://intranet.example.net/');
    const joins = (rooms: string) =>
      page.waitForFunction(`JSON.stringify(joined) === '${rooms}'`, undefined, { timeout: 90_000 });
    await joins('[false]');
    await page.evaluate(`api.executeCommand('addBreakoutRoom', 'one')`);
    await joins('[false,true]');
    await context.close();
  });
});
