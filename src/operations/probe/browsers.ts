import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import type { Clock, Reach } from '../../cloud/account.js';
import { makeScratch } from '../scratch.js';
import type { FramesSeen, Sample } from './frames.js';
import { probeRoom } from './room-name.js';

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
  private joined: readonly Joined[] = [];

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
    this.joined = await Promise.all(
      Array.from({ length: this.count }, async (_, index) => {
        const browser = await launch();
        this.browsers.push(browser);
        return enterRoom(browser, `Participant ${index + 1}`, this.url, this.options);
      }),
    );
  }

  /** Waits until each decodes all the others, and tells what is seen then. */
  async see(): Promise<BrowsersResult> {
    const others = this.count - 1;
    const participants = await Promise.all(this.joined.map((one) => see(one, others, this.options)));
    const blind = participants.find(({ videos }) => videos.length < others);
    const frames = participants.flatMap(({ firstFrame }, index) =>
      firstFrame === undefined ? [] : [(this.joined[index]?.opened ?? 0) + firstFrame * 1000],
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
    const [first] = this.joined;
    return first ? z.array(z.string()).parse(await first.page.evaluate(REMOTE)) : [];
  }

  /** What each decoded so far, and whether its page was loaded anew or had to be clicked. */
  watched(): FramesSeen[] {
    return this.joined.map(({ name, frames }) => ({ name, ...frames }));
  }

  async close(): Promise<void> {
    await Promise.all(this.browsers.map((browser) => browser.close().catch(() => {})));
    this.scratch.remove();
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
  readonly frames: { readonly samples: Sample[]; reloads: number; clicks: number };
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
  const frames: Joined['frames'] = { samples: [], reloads: 0, clicks: 0 };
  let before: readonly Video[] = [];
  await context.exposeFunction('convokeSample', (seen: unknown) => {
    const { videos } = Sight.parse(seen);
    frames.samples.push({ at: clock.now().getTime(), live: growing(before, videos).length });
    before = videos;
  });
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
  const seconds = (clock.now().getTime() - opened) / 1000;
  page.on('domcontentloaded', () => {
    frames.reloads++;
    // Where the page asks again whether to join, a person would have to click.
    button.click().then(
      () => {
        frames.clicks++;
      },
      () => {},
    );
  });
  return { name, page, opened, seconds, frames };
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

const IS_IN_ROOM = `Boolean(window.APP && APP.conference && APP.conference.isJoined && APP.conference.isJoined())`;

/** Runs in the page: where media is sent to, over every connection that is in use. */
const REMOTE = `(async () => {
  const addresses = [];
  for (const connection of window.convokeConnections) {
    if (connection.connectionState !== 'connected') continue;
    const stats = await connection.getStats();
    stats.forEach((one) => {
      if (one.type !== 'candidate-pair' || one.state !== 'succeeded' || !one.nominated) return;
      const remote = stats.get(one.remoteCandidateId);
      if (remote && remote.address) addresses.push(remote.address);
    });
  }
  return addresses;
})()`;

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
  const sample = async () => {
    if (window.convokeSample) await window.convokeSample(await (${LOOK}));
    setTimeout(sample, 250);
  };
  setTimeout(sample, 250);
})()`;
