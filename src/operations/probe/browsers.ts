import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import type { Clock, Reach } from '../../cloud/account.js';
import { makeScratch } from '../scratch.js';
import { probeRoom } from './meeting.js';

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

const Video = z.object({
  id: z.string(),
  framesDecoded: z.number(),
  framesPerSecond: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
});
type Video = z.infer<typeof Video>;

const Sight = z.object({ videos: z.array(Video), dataChannel: z.boolean() });
type Sight = z.infer<typeof Sight>;

export interface BrowsersResult {
  /** Whether each decodes all the others. */
  readonly ok: boolean;
  readonly participants: readonly BrowserParticipant[];
  /** When the first picture of somebody else was seen by anybody; undefined when none was. */
  readonly firstFrameAt?: Date;
  /** What failed, in a sentence; empty when nothing did. */
  readonly detail: string;
}

export interface BrowsersOptions {
  readonly clock: Clock;
  readonly reach?: Reach;
  readonly signal?: AbortSignal;
  /** How many. Default: 3, since two talk to each other without the bridge. */
  readonly count?: number;
  /** Default: `probeRoom()`, a name that nobody else uses. */
  readonly room?: string;
  /** A token for `room`, where meetings are for members. */
  readonly token?: string | undefined;
}

/** How long a page may take to be in the room, and all to see each other. */
const JOIN_PATIENCE_MS = 60_000;
const SEE_PATIENCE_MS = 60_000;

/** Where Chromium is installed on this machine; undefined where it is not. `CONVOKE_CHROMIUM` names another. */
export function findChromium(): string | undefined {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return [process.env.CONVOKE_CHROMIUM, ...usual].find((path) => {
    try {
      accessSync(path ?? '', constants.X_OK);
      return path !== undefined;
    } catch {
      return false;
    }
  });
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
  const count = options.count ?? 3;
  const scratch = makeScratch();
  const browsers: Browser[] = [];
  const invitation = options.token ? `?jwt=${options.token}` : '';
  const url = `https://${domain}/${options.room ?? probeRoom()}${invitation}`;
  try {
    const launch = launcher(program, scratch.path, options.reach);
    const joined = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const browser = await launch();
        browsers.push(browser);
        return enterRoom(browser, `Participant ${index + 1}`, url, options);
      }),
    );
    const participants = await Promise.all(joined.map((one) => see(one, count - 1, options)));
    const blind = participants.find(({ videos }) => videos.length < count - 1);
    const frames = participants.flatMap(({ firstFrame }, index) =>
      firstFrame === undefined ? [] : [(joined[index]?.opened ?? 0) + firstFrame * 1000],
    );
    return {
      ok: blind === undefined,
      participants,
      ...(frames.length > 0 && { firstFrameAt: new Date(Math.min(...frames)) }),
      detail: blind ? `${blind.name} decodes ${blind.videos.length} of ${count - 1} videos.` : '',
    };
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { ok: false, participants: [], detail: message };
  } finally {
    await Promise.all(browsers.map((browser) => browser.close().catch(() => {})));
    scratch.remove();
  }
}

/** Starts Chromium where the media addresses can be reached: in a rehearsal, that is its own network. */
function launcher(program: string, scratch: string, reach: Reach | undefined): () => Promise<Browser> {
  const executablePath = join(scratch, 'chromium');
  const command = [...(reach?.browser?.command ?? []), program].map(quoted).join(' ');
  writeFileSync(executablePath, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(executablePath, 0o700);
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    ...(reach?.browser ? [`--host-resolver-rules=${reach.browser.resolverRules}`] : []),
  ];
  // Chromium refuses to sandbox itself as root.
  const chromiumSandbox = process.getuid?.() !== 0;
  return () =>
    chromium.launch({ executablePath, args, chromiumSandbox, env: { ...process.env, TMPDIR: scratch } });
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

interface Joined {
  readonly name: string;
  readonly page: Page;
  readonly opened: number;
  readonly seconds: number;
}

/** As a person does: opens the link, gives a name, clicks. */
async function enterRoom(
  browser: Browser,
  name: string,
  url: string,
  { clock, reach, signal }: BrowsersOptions,
): Promise<Joined> {
  // The certificate is the XMPP probe's to judge; a rehearsal's authority is not Chromium's.
  const context = await browser.newContext({
    ignoreHTTPSErrors: reach !== undefined,
    permissions: ['camera', 'microphone'],
    viewport: { width: 1280, height: 720 },
  });
  await context.addInitScript(WATCH);
  const page = await context.newPage();
  page.setDefaultTimeout(JOIN_PATIENCE_MS);
  const opened = clock.now().getTime();
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  const button = page.locator('[data-testid="prejoin.joinMeeting"]');
  await button.waitFor();
  await page.locator('#premeeting-name-input').fill(name);
  await button.click();
  while (!(await page.evaluate(IS_IN_ROOM))) {
    if (clock.now().getTime() - opened > JOIN_PATIENCE_MS)
      throw new Error(`${name} did not get into the room.`);
    await clock.wait(100, signal);
  }
  return { name, page, opened, seconds: (clock.now().getTime() - opened) / 1000 };
}

/** Waits until so many videos are being decoded, and tells what is seen then. */
async function see(
  { name, page, opened, seconds }: Joined,
  others: number,
  { clock, signal }: BrowsersOptions,
): Promise<BrowserParticipant> {
  const deadline = clock.now().getTime() + SEE_PATIENCE_MS;
  let firstFrame: number | undefined;
  let before = await look(page);
  for (;;) {
    await clock.wait(500, signal);
    const now = await look(page);
    if (firstFrame === undefined && now.videos.length > 0)
      firstFrame = (clock.now().getTime() - opened) / 1000;
    const videos = growing(before.videos, now.videos);
    if (videos.length >= others || clock.now().getTime() > deadline) {
      return { name, joined: seconds, firstFrame, videos, dataChannel: now.dataChannel };
    }
    before = now;
  }
}

/** Videos of which more frames were decoded than a moment before: those that are live, not those that were. */
export function growing(before: readonly Video[], now: readonly Video[]): Video[] {
  const known = new Map(before.map((video) => [video.id, video.framesDecoded]));
  return now.filter((video) => video.framesDecoded > (known.get(video.id) ?? Number.POSITIVE_INFINITY));
}

const look = async (page: Page): Promise<Sight> => Sight.parse(await page.evaluate(LOOK));

/** Runs in the page before everything else: keeps hold of its connections. */
const WATCH = `(() => {
  const Original = window.RTCPeerConnection;
  window.convokeConnections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.convokeConnections.push(this);
    }
  };
})()`;

const IS_IN_ROOM = `Boolean(window.APP && APP.conference && APP.conference.isJoined && APP.conference.isJoined())`;

const LOOK = `(async () => {
  const videos = [];
  let dataChannel = false;
  for (const connection of window.convokeConnections) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach((one) => {
      if (one.type === 'data-channel' && one.state === 'open') dataChannel = true;
      if (one.type !== 'inbound-rtp' || one.kind !== 'video' || !one.framesDecoded) return;
      videos.push({
        id: String(one.ssrc),
        framesDecoded: one.framesDecoded,
        framesPerSecond: one.framesPerSecond,
        width: one.frameWidth,
        height: one.frameHeight,
      });
    });
  }
  return { videos, dataChannel };
})()`;
