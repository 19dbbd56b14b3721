import { readFileSync } from 'node:fs';
import {
  holdRoom,
  join,
  logIn,
  openRoom,
  outcome,
  roomAddress,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: participants of meetings that have a lobby by themselves. */
export interface Plan {
  readonly host: Visit;
  readonly guest: Visit;
  /** The room of a probe. */
  readonly probe: Visit;
}

const { host, guest, probe } = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain, room } = host;
const lobby = `${room}@lobby.${domain}`;
const MUC = 'http://jabber.org/protocol/muc';

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what} does not come`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

type Stream = Awaited<ReturnType<typeof websocket>>;
interface Seat {
  readonly stream: Stream;
  readonly jid: string;
  readonly found: string;
}

/** Tries to enter. */
async function come(visit: Visit): Promise<Seat> {
  const stream = await websocket(visit);
  const jid = (await logIn(stream)) ?? '';
  const answer = await join(stream, roomAddress(visit), jid);
  const found = new RegExp(`registration-required.*${lobby}`, 's').test(answer) ? 'lobby' : outcome(answer);
  return { stream, jid, found };
}

const nameOf = ({ jid }: Seat): string => jid.slice(0, 8);

async function leave(seat: Seat, seenBy?: Seat): Promise<void> {
  seat.stream.close();
  await seenBy?.stream.until(
    new RegExp(`<presence[^>]*/${nameOf(seat)}['"][^>]*unavailable|unavailable[^>]*/${nameOf(seat)}['"]`),
  );
}

/** Waits until Jicofo has made a participant a moderator, as it does with the first one without tokens. */
async function moderates({ stream, found, ...seat }: Seat): Promise<void> {
  if (found === 'in, as moderator') return;
  const own = new RegExp(`/${seat.jid.slice(0, 8)}['"](?:(?!</presence>).)*role=['"]moderator`, 's');
  await stream.until(own);
}

/** Knocks, and is let in by a moderator. */
async function admitted(waiting: Seat, by: Seat): Promise<string> {
  await join(waiting.stream, lobby, waiting.jid);
  await by.stream.send(
    `<message xmlns='jabber:client' to='${roomAddress(host)}'><x xmlns='${MUC}#user'><invite to='${waiting.jid}'/></x></message>`,
  );
  await waiting.stream.until(/<invite/);
  return outcome(await join(waiting.stream, roomAddress(guest), waiting.jid));
}

/** As the page does. */
async function switchOff({ stream }: Seat): Promise<void> {
  await stream.send(
    `<iq xmlns='jabber:client' type='set' id='off' to='${roomAddress(host)}'><query xmlns='${MUC}#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${MUC}#roomconfig</value></field><field var='muc#roomconfig_membersonly'><value>false</value></field></x></query></iq>`,
  );
  await stream.until(/id=['"]off['"]/);
}

const seen: Record<string, string> = {};
const see = async (name: string, visit: Visit): Promise<Seat> => {
  const seat = await come(visit);
  seen[name] = seat.found;
  return seat;
};

if (host.token === null) {
  await openRoom(host);
  const first = await see('first', host);
  await moderates(first);
  const knocking = await see('second', guest);
  seen.admitted = await admitted(knocking, first);
} else {
  await openRoom(guest);
  const early = await see('early', guest);
  const first = await see('host', host);
  const knocking = await see('guest', guest);
  seen.admitted = await admitted(knocking, first);
  const other = await see('otherHost', host);
  await leave(other, knocking);
  await leave(first, knocking);
  const again = await see('hostAgain', host);

  await switchOff(again);
  const another = await see('hostAfterwards', host);
  const unheld = await see('switchedOff', guest);

  for (const seat of [early, again, another, unheld, knocking]) await leave(seat);
  await until('the end of the meeting', async () => {
    const seat = await come(guest);
    await leave(seat);
    return !seat.found.startsWith('in');
  });
  await openRoom(host);
  await see('nextHost', host);
  await see('nextGuest', guest);
}

const probing = await holdRoom(probe);
await see('probe', probe);
probing.close();
process.stdout.write(`\nANSWERS ${JSON.stringify(seen)}\n`);
process.exit(0);
