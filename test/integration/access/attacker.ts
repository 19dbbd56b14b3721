import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { SHARD_HEALTH_PATH } from '../../../src/contract/machine-layout.js';
import { PORTS } from '../../../src/contract/ports.js';
import {
  EDGE,
  fromAddress,
  holdRoom,
  join,
  logIn,
  requestConference,
  type Visit,
  websocket,
} from './participant.js';

/**
 * Runs on the shard: an attacker with one invitation, or with none if meetings are open, tries to harm another meeting.
 * Prints the result of each attempt.
 */
interface Plan {
  readonly domain: string;
  readonly address: string;
  readonly mine: Visit;
  readonly theirs: Visit;
}

export interface Attempt {
  readonly status: number;
  /** Number of conferences that Jicofo opened because of it. */
  readonly opened: number;
}

export interface Attack {
  /** Status of each request for a room that does not exist, 0 after a timeout. */
  readonly flood: readonly number[];
  /** Milliseconds until the last of them was answered. */
  readonly floodTook: number;
  /** Checks of the shard's health meanwhile, and how many of them failed. */
  readonly checks: number;
  readonly failedChecks: number;
  /** Status of the request of a participant who joins the other meeting meanwhile, and the milliseconds that it took. */
  readonly newcomer: number;
  readonly newcomerTook: number;
  /** Whether the participant of the other meeting stayed in it, over the same connection. */
  readonly theyStay: boolean;
  readonly attempts: Readonly<Record<string, Attempt>>;
  /** Status by method and path. */
  readonly methods: Readonly<Record<string, number>>;
  /** The conferences that Jicofo has pinned; empty if it does not show them. */
  readonly pinned: string;
  /** Prosody's answer to each stanza that was sent outside of the attacker's meeting: text or condition of the error, else empty. */
  readonly past: Readonly<Record<string, string>>;
  /** Whether the other meeting received any of them. */
  readonly heard: boolean;
  /** Requests for a breakout room of the attacker's meeting, by a participant of it and by one of the other meeting. */
  readonly breakout: Readonly<Record<'mine' | 'theirs', Attempt>>;
}

const PATIENCE = 20_000;
const { domain, address, mine, theirs } = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const JICOFO = `http://127.0.0.1:${PORTS.jicofo}`;

async function created(): Promise<number> {
  const statistics = (await (await fetch(`${JICOFO}/stats`)).json()) as { total_conferences_created: number };
  return statistics.total_conferences_created;
}

type About = Parameters<typeof requestConference>[1];

async function attempt(visit: Visit, about: About): Promise<Attempt> {
  const before = await created();
  const { status } = await requestConference(visit, {
    ...about,
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => ({ status: 0 }));
  return { status, opened: (await created()) - before };
}

const room = (name: string, host = `conference.${domain}`) => `${name}@${host}`;
const asking = (address: string) => JSON.stringify({ room: address, properties: {} });

/** Twice as many requests as Jicofo had threads, for rooms that Prosody does not let it open. */
async function flood(): Promise<Pick<Attack, 'flood' | 'floodTook'>> {
  const began = performance.now();
  const statuses = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      requestConference(mine, {
        body: asking(room(`0000000${n}-0000-4000-8000-000000000000`, `breakout.${domain}`)),
        signal: AbortSignal.timeout(PATIENCE),
      }).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  );
  return { flood: statuses, floodTook: Math.round(performance.now() - began) };
}

/** Checks the shard's health as an edge does. */
async function checkHealth(stopped: AbortSignal): Promise<Pick<Attack, 'checks' | 'failedChecks'>> {
  let [checks, failedChecks] = [0, 0];
  while (!stopped.aborted) {
    checks++;
    const signal = AbortSignal.timeout(2_000);
    const ok = await fetch(`http://${address}:${PORTS.web}${SHARD_HEALTH_PATH}`, { signal }).then(
      (answer) => answer.text().then(() => answer.ok),
      () => false,
    );
    if (!ok) failedChecks++;
    await wait(200);
  }
  return { checks, failedChecks };
}

async function newcomer(): Promise<Pick<Attack, 'newcomer' | 'newcomerTook'>> {
  await wait(1_000);
  const began = performance.now();
  const { status } = await requestConference(theirs, {
    address: '198.51.100.8',
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => ({ status: 0 }));
  return { newcomer: status, newcomerTook: Math.round(performance.now() - began) };
}

/** A body that names another room if Jicofo reads it in another character set. */
function twoReadings(lead: number): Uint8Array<ArrayBuffer> {
  const body = JSON.stringify({ room: room('read-by-jicofo'), x: '#"}', y: '' });
  const other = body.replace(/,"y":""}$/, `,"room":"${room(mine.room)}"}`);
  return new Uint8Array(Buffer.from(other.replace('#', String.fromCharCode(lead)), 'latin1'));
}

const BODIES: Readonly<Record<string, About>> = {
  'another room': { body: asking(room('other')) },
  'another room in the address': { query: 'room=other' },
  'two rooms in the address': { query: `room=${mine.room}&room=other` },
  'another room to HAProxy only': { query: `x=1?room=other&room=${mine.room}` },
  'no room in the address': { query: 'x=1' },
  'another room if read as GBK': { body: twoReadings(0x81), type: 'application/json; charset=GBK' },
  'another room if read as Shift_JIS': {
    body: twoReadings(0x81),
    type: 'application/json; charset=Shift_JIS',
  },
  'not UTF-8': { body: twoReadings(0x81) },
  'a form': { type: 'application/x-www-form-urlencoded' },
  'the room twice, the other one last': {
    body: `{"room":"${room(mine.room)}","room":"${room('other')}"}`,
  },
  'something after the end': { body: `${asking(room(mine.room))}${asking(room('other'))}` },
  'a prototype': { body: `{"__proto__":{"room":"${room(mine.room)}"}}` },
  'an escaped name': { body: `{"room":"\\u006fther@conference.${domain}"}` },
  'a resource': { body: asking(`${room(mine.room)}/focus`) },
  'a zero byte': { body: asking(room(`${mine.room}\0`)) },
  'half a character': { body: `{"room":"${mine.room}\\ud800@conference.${domain}"}` },
  'a name that stringprep changes': { body: asking(room(`${mine.room}\u00ad`)) },
  'a tenant by its inner name': { body: asking(room(`[team]${mine.room}`)) },
  'a room of bridges': { body: asking(room('jvbbrewery', `internal.auth.${domain}`)) },
  'a lobby': { body: asking(room(mine.room, `lobby.${domain}`)) },
  'a room elsewhere': { body: asking(room(mine.room, 'conference.example.net')) },
  'a number': { body: '{"room":5}' },
  'no JSON': { body: 'room' },
};

const METHODS = [
  ...['POST', 'PUT', 'DELETE'].flatMap((method) =>
    ['/pin', '/debug', '/stats', '/', '/index.html', `/${mine.room}`, '/team/room'].map(
      (path) => [method, path] as const,
    ),
  ),
  ...['GET', 'HEAD', 'PUT', 'OPTIONS'].map((method) => [method, '/conference-request/v1'] as const),
];

async function methods(): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const [method, path] of METHODS) {
    const response = await fetch(`${EDGE}${path}?room=${mine.room}`, {
      method,
      headers: {
        ...fromAddress('198.51.100.7'),
        'content-type': 'application/json',
        ...(mine.token !== null && { authorization: `Bearer ${mine.token}` }),
      },
      ...(['POST', 'PUT', 'DELETE'].includes(method) && {
        body: JSON.stringify({
          room: room(mine.room),
          conferenceId: room(theirs.room),
          jvbVersion: 'x',
          durationMinutes: 5,
        }),
      }),
    });
    await response.arrayBuffer();
    statuses[`${method} ${path}`] = response.status;
  }
  return statuses;
}

/** The attacker enters their own meeting. Once only: the focus would close the room behind a participant who leaves. */
async function enterMine() {
  const stream = await websocket(mine);
  const jid = (await logIn(stream)) ?? '';
  await requestConference(mine);
  return { stream, jid, entered: await join(stream, room(mine.room), jid) };
}
type Seat = Awaited<ReturnType<typeof enterMine>>;

/** A moderator opens a breakout room in their own meeting. */
async function breakout({ stream, jid, entered }: Seat): Promise<Attack['breakout']> {
  // Jicofo is in the room too, and is a moderator from the start.
  const moderates = new RegExp(
    `<presence[^>]*/${jid.slice(0, 8)}['"](?:(?!</presence>).)*role=['"]moderator`,
  );
  if (!moderates.test(entered)) await stream.until(moderates);
  await stream.send(
    `<message xmlns='jabber:client' to='breakout.${domain}'><breakout_rooms type='features/breakout-rooms/add' subject='one'/></message>`,
  );
  const [name = ''] = /[0-9a-f-]{36}@breakout[^"&<]*/.exec(await stream.until(/@breakout/)) ?? [];
  const ask = (visit: Visit) => attempt(visit, { body: asking(name) });
  return { theirs: await ask(theirs), mine: await ask(mine) };
}

/** A participant sends stanzas outside of their meeting. `them`: the address of a participant of the other meeting. */
async function speakPast({ stream }: Seat, them: string): Promise<Attack['past']> {
  const past: Record<string, string> = {};
  const say = async (name: string, xml: string): Promise<void> => {
    const ping = `<iq xmlns='jabber:client' type='get' id='${name}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`;
    await stream.send(xml);
    await stream.send(ping);
    const came = await stream.until(new RegExp(`id=['"]${name}['"]`));
    past[name] =
      /<text[^>]*>([^<]*)</.exec(came)?.[1] ??
      /<(forbidden|not-allowed|item-not-found|service-unavailable)/.exec(came)?.[1] ??
      '';
  };
  const enter = (address: string) =>
    `<presence xmlns='jabber:client' to='${address}/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>`;
  const message = (to: string) =>
    `<message xmlns='jabber:client' type='chat' to='${to}'><body>PAST</body></message>`;
  await say('their-lobby', enter(room(theirs.room, `lobby.${domain}`)));
  await say('my-lobby', enter(room(mine.room, `lobby.${domain}`)));
  await say('their-room', enter(room(theirs.room)));
  await say('no-breakout', enter(room('00000000-0000-4000-8000-000000000000', `breakout.${domain}`)));
  await say('message', message(them));
  await say('message-to-room', message(room(theirs.room)));
  await say('iq', `<iq xmlns='jabber:client' type='set' id='x' to='${them}'><query xmlns='PAST'/></iq>`);
  await say(
    'result',
    `<iq xmlns='jabber:client' type='result' id='x' to='${them}'><query xmlns='PAST'/></iq>`,
  );
  await say('bridges', enter(`jvbbrewery@internal.auth.${domain}`));
  await say('jicofo', message(`focus@auth.${domain}`));
  await say(
    'service',
    `<iq xmlns='jabber:client' type='get' id='y' to='speakerstats.${domain}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  );
  return past;
}

const them = await holdRoom(theirs);
const stopped = new AbortController();
const health = checkHealth(stopped.signal);
const [flooded, came] = await Promise.all([flood(), newcomer()]);
stopped.abort();
const checked = await health;

const attempts: Record<string, Attempt> = {};
for (const [name, about] of Object.entries(BODIES)) attempts[name] = await attempt(mine, about);
const statuses = await methods();
const pin = await fetch(`${JICOFO}/pin`);
const seat = await enterMine();
const opened = await breakout(seat);
const past = await speakPast(seat, them.jid);
await them.send(
  `<iq xmlns='jabber:client' type='get' id='heard' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
);
const heard = await them.until(/id=['"]heard['"]/).then(
  (came) => came.includes('PAST'),
  () => false,
);
const attack: Attack = {
  past,
  heard,
  ...flooded,
  ...came,
  ...checked,
  theyStay:
    !them.closed() &&
    (await Promise.resolve(
      them.send(
        `<iq xmlns='jabber:client' type='get' id='still' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
      ),
    )
      .then(() => them.until(/id=['"]still['"]/))
      .then(
        () => true,
        () => false,
      )),
  attempts,
  methods: statuses,
  pinned: pin.ok ? await pin.text() : '',
  breakout: opened,
};
process.stdout.write(`\nANSWERS ${JSON.stringify(attack)}\n`);
process.exit(0);
