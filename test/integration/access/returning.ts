import { readFileSync } from 'node:fs';
import {
  enter,
  join,
  logIn,
  type Outcome,
  openRoom,
  outcome,
  requestConference,
  roomAddress,
  type Stream,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: participants who return to their meeting, or to a breakout room of it. */
interface Plan {
  readonly moderator: Visit;
  readonly guest: Visit;
}

export interface Returned {
  /** The moderator returns to a meeting that requires admission, while only a guest is in it. */
  readonly moderator: Outcome;
  /** Another guest tries to join the same meeting. */
  readonly otherGuest: Outcome;
  /** A participant whose stream was resumed enters a breakout room. */
  readonly resumed: Outcome;
  /** The moderator returns from that breakout room to the meeting, over the same stream. */
  readonly fromBreakout: Outcome;
}

const { moderator, guest } = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain } = moderator;
const room = roomAddress(moderator);

/** Sends a stanza with the id `settled`, and waits for the answer. */
const settle = async (stream: Stream, stanza: string): Promise<string> => {
  await stream.send(stanza);
  const answer = await stream.until(/id=['"]settled['"]/);
  if (/type=['"]error['"]/.test(answer)) throw new Error(`refused: ${answer}`);
  return answer;
};

async function inMeeting(visit: Visit): Promise<Stream & { readonly jid: string }> {
  const stream = await websocket(visit);
  const jid = (await logIn(stream)) ?? '';
  await join(stream, roomAddress(visit), jid);
  return { ...stream, jid };
}

const set = (query: string) =>
  `<iq xmlns='jabber:client' type='set' id='settled' to='${room}'><query ${query}</query></iq>`;

/** As the client does: participants who are in the meeting become members first. */
async function requireAdmission(by: Stream, inside: readonly string[]): Promise<void> {
  for (const jid of inside) {
    await settle(
      by,
      set(`xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='${jid}'/>`),
    );
  }
  const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
  await settle(
    by,
    set(
      `xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}${field('muc#roomconfig_membersonly', '1')}</x>`,
    ),
  );
}

async function lockedMeeting(): Promise<Pick<Returned, 'moderator' | 'otherGuest'>> {
  await openRoom(moderator);
  const first = await inMeeting(moderator);
  const staying = await inMeeting(guest);
  await requireAdmission(first, [staying.jid.split('/')[0] ?? '']);
  first.close();
  await staying.until(/type=['"]unavailable['"]/);
  const outcomes = {
    otherGuest: await enter(await websocket(guest), guest),
    moderator: await enter(await websocket(moderator), moderator),
  };
  staying.close();
  return outcomes;
}

async function breakoutRoom(): Promise<Pick<Returned, 'resumed' | 'fromBreakout'>> {
  await openRoom(moderator);
  const host = await inMeeting(moderator);
  const lost = await inMeeting(guest);
  await lost.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  const previous = /\sid=['"]([^'"]+)/.exec(await lost.until(/<enabled/))?.[1] ?? '';
  await host.send(
    `<message xmlns='jabber:client' to='breakout.${domain}'><breakout_rooms type='features/breakout-rooms/add' subject='one'/></message>`,
  );
  const [breakout = ''] = /[0-9a-f-]{36}@breakout[^"&<]*/.exec(await host.until(/@breakout/)) ?? [];
  const asked = await requestConference(moderator, {
    body: JSON.stringify({ room: breakout, properties: {} }),
  });
  if (!asked.text.includes('"ready":true')) throw new Error(`no breakout room: ${asked.text}`);

  const back = await websocket({ ...guest, previous });
  await logIn(back, `<resume xmlns='urn:xmpp:sm:3' previd='${previous}' h='0'/>`);
  const resumed = await join(back, breakout, lost.jid);

  await host.send(
    `<presence xmlns='jabber:client' type='unavailable' to='${room}/${host.jid.slice(0, 8)}'/>`,
  );
  await host.until(/type=['"]unavailable['"]/);
  await join(host, breakout, host.jid);
  await host.send(
    `<presence xmlns='jabber:client' type='unavailable' to='${breakout}/${host.jid.slice(0, 8)}'/>`,
  );
  await host.until(/type=['"]unavailable['"]/);
  return { resumed: outcome(resumed), fromBreakout: outcome(await join(host, room, host.jid)) };
}

const returned: Returned = { ...(await breakoutRoom()), ...(await lockedMeeting()) };
process.stdout.write(`\nANSWERS ${JSON.stringify(returned)}\n`);
process.exit(0);
