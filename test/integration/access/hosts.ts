import { execSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PORTS } from '../../../src/contract/ports.js';
import { Browser } from './browser.js';
import {
  bosh,
  enter,
  join,
  logIn,
  openRoom,
  requestConference,
  roomAddress,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard, beside an OpenID Connect provider: hosts sign in, guests wait, and attackers try to get in. */
export interface Plan {
  readonly domain: string;
  readonly spec: string;
  /** Tokens for the room `hall`, signed by the test. */
  readonly tokens: Readonly<Record<'guest' | 'invited' | 'forged', string>>;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain, tokens } = plan;
const visit = (token: string, room = 'hall'): Visit => ({ domain, room, token });
const seen: Record<string, unknown> = {};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what} does not come`);
    await pause(50);
  }
}

/** Ends the agent and starts another one, which knows nothing of the first: as another shard does. */
async function anotherAgent(): Promise<void> {
  const old = execSync('pgrep -f "^node /opt/test/admission.mjs"').toString().trim();
  process.kill(Number(old));
  await until('the end of the agent', async () => {
    process.kill(Number(old), 0);
    return false;
  }).catch(() => {});
  spawn('runuser', ['-u', 'convoke', '--', 'node', '/opt/test/admission.mjs', plan.spec], {
    stdio: 'ignore',
  });
  await until('the agent', async () => Boolean(await fetch(`http://127.0.0.1:${PORTS.access}/`)));
}

async function asks(room = 'hall', browser = new Browser()): Promise<{ started: boolean; jwt?: string }> {
  return JSON.parse((await browser.open(`/convoke/guest?room=${room}`)).body) as {
    started: boolean;
    jwt?: string;
  };
}

/** Tries all ways into a meeting with a token. */
async function ways(token: string, room = 'hall'): Promise<Record<string, unknown>> {
  const { status } = await new Browser().open(`/${room}?jwt=${token}`);
  const { status: conference } = await requestConference(visit(token, room));
  const tried: Record<string, unknown> = { page: status, conference };
  for (const [way, open] of Object.entries({ bosh, websocket })) {
    const stream = await open(visit(token, room));
    tried[way] = await enter(stream, visit(token, room));
    stream.close();
  }
  return tried;
}

const titleOf = ({ status, body }: { status: number; body: string }) =>
  `${status} ${/<h1>(.*)<\/h1>/.exec(body)?.[1] ?? ''}`;
const tokenIn = (location: string) => new URL(location).searchParams.get('jwt') ?? '';

// A guest before anybody has signed in.
const guest = new Browser();
seen.waiting = titleOf(await guest.open('/hall'));
seen.beforeHost = await asks();
seen.guestFirst = await ways(tokens.guest);

// A host begins at one agent, and another one completes.
const host = new Browser();
const begun = await host.open('/convoke/sign-in?room=Hall');
const callback = await host.atProvider('ada', begun.location);
const thief = host.copy();
const stranger = new Browser();
seen.stateOfAnother = titleOf(await stranger.open(callback));
await anotherAgent();
const done = await host.open(callback);
seen.completed = [done.status, done.location];
const opened = await host.open('/Hall');
seen.opened = [opened.status, opened.location.replace(/jwt=.*/, 'jwt=…')];
const hostToken = tokenIn(opened.location);
seen.hostPage = (await host.open(opened.location)).status;
seen.replay = titleOf(await thief.open(callback));
seen.again = titleOf(await host.open(callback));

// Jicofo has opened the room, but the host has not entered it.
await openRoom(visit(hostToken));
seen.guestBeforeHost = await ways(tokens.guest);

await openRoom(visit(hostToken));
const inMeeting = await websocket(visit(hostToken));
seen.host = await enter(inMeeting, visit(hostToken));
// The agent keeps Prosody's answers for a moment.
await until('the start of the meeting', async () => (await asks()).started);
const admitted = await asks('hall', guest);
const guestToken = admitted.jwt ?? '';
seen.started = admitted.started;
seen.guest = await ways(guestToken);
seen.guestElsewhere = await ways(guestToken, 'other');
seen.forged = await ways(tokens.forged);

// The host leaves; who is in the meeting stays, others may come, and the host comes back as a host.
const staying = await websocket(visit(guestToken));
const jid = (await logIn(staying)) ?? '';
await join(staying, roomAddress(visit(guestToken)), jid);
inMeeting.close();
await staying.until(/type=['"]unavailable['"]/);
seen.withoutHost = (await asks()).started;
const back = await websocket(visit(hostToken));
seen.hostAgain = await enter(back, visit(hostToken));
back.close();
staying.close();
await until('the end of the meeting', async () => !(await asks()).started);
seen.guestAfterEnd = (await requestConference(visit(guestToken))).status;

// An invitation needs no host.
seen.invited = await (async () => {
  await openRoom(visit(tokens.invited));
  const stream = await websocket(visit(tokens.invited));
  const outcome = await enter(stream, visit(tokens.invited));
  seen.startedByInvited = (await asks()).started;
  stream.close();
  return outcome;
})();

// Who is no host, and who may not sign in at all.
async function signIn(account: string): Promise<{ browser: Browser; answer: string }> {
  const browser = new Browser();
  const { location } = await browser.open('/convoke/sign-in?room=hall');
  const page = await browser.open(await browser.atProvider(account, location));
  return { browser, answer: page.location || titleOf(page) };
}
const tom = await signIn('tom');
seen.pupil = [tom.answer, titleOf(await tom.browser.open('/hall'))];
const eve = await signIn('eve');
seen.notAllowed = eve.answer;
// The provider asks for the account again, although eve is signed in there.
const other = await eve.browser.open('/convoke/sign-in?room=hall&account=other');
seen.otherAccount = new URL((await eve.browser.open(other.location)).location).pathname;

// Names of rooms beyond ASCII: the host's token and the guest's page mean the same room.
const name = encodeURIComponent('GRÖSSE İzmir ЖУК');
const key = JSON.parse(
  Buffer.from(tokenIn((await host.open(`/${name}`)).location).split('.')[1] ?? '', 'base64url').toString(),
).room as string;
seen.otherLetters = (await guest.open(`/${name.toLowerCase()}`)).body.includes(`data-room="${key}"`);

seen.openRedirects = await Promise.all(
  ['//example.net', '/\\example.net', 'https://example.net', '%2F%2Fexample.net'].map(
    async (room) => (await host.open(`/convoke/sign-in?room=${encodeURIComponent(room)}`)).status,
  ),
);
seen.signedOut = [
  (await host.open('/convoke/sign-out', {})).status,
  titleOf(await host.open('/hall')),
  titleOf(await host.open('/convoke/sign-out')),
];
seen.otherPaths = await Promise.all(
  ['/convoke/sign-in/x', '/convoke/guest/x', '/convoke/page', '/team/convoke/guest?room=hall'].map(
    async (path) => (await guest.open(path)).status,
  ),
);

// The provider fails in mid-sign-in.
const unlucky = new Browser();
const half = await unlucky.atProvider('ada', (await unlucky.open('/convoke/sign-in?room=hall')).location);
process.kill(Number(execSync('pgrep -f "^node /opt/test/provider.mjs"').toString().trim()), 'SIGKILL');
seen.providerDown = titleOf(await unlucky.open(half));

process.stdout.write(`\nANSWERS ${JSON.stringify(seen)}\n`);
process.exit(0);
