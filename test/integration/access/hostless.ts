import { readFileSync } from 'node:fs';
import {
  join,
  logIn,
  openRoom,
  requestConference,
  roomAddress,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: hosts leave their meetings, in which a guest stays. */
export interface Plan {
  readonly domain: string;
  /** Tokens of a host and of a guest who needs one, by room. */
  readonly tokens: Readonly<Record<string, Readonly<Record<'host' | 'guest', string>>>>;
}

export interface Hostless {
  /** What the guest reads in the chat when the host has left. */
  readonly warning: string;
  /** Why the meeting has ended. */
  readonly reason: string;
  /** Whether a guest may open it again. */
  readonly afterwards: number;
  /** Meetings that the same time has not ended. */
  readonly going: Readonly<Record<'returned' | 'breakout', boolean>>;
  /** After the host has left the breakout room as well. */
  readonly leftBreakout: string;
}

const { domain, tokens } = JSON.parse(readFileSync(0, 'utf8')) as Plan;

type Seat = Awaited<ReturnType<typeof websocket>> & { readonly jid: string };
const visit = (room: string, who: 'host' | 'guest'): Visit => ({
  domain,
  room,
  token: tokens[room]?.[who] ?? '',
});

async function come(to: Visit): Promise<Seat> {
  const stream = await websocket(to);
  const jid = (await logIn(stream)) ?? '';
  await join(stream, roomAddress(to), jid);
  return { ...stream, jid };
}

async function meeting(room: string): Promise<Record<'host' | 'guest', Seat>> {
  await openRoom(visit(room, 'host'));
  return { host: await come(visit(room, 'host')), guest: await come(visit(room, 'guest')) };
}

const warned = async ({ guest }: { guest: Seat }): Promise<string> =>
  /"message":"([^"]*)"/.exec((await guest.until(/system_chat_message/)).replaceAll('&quot;', '"'))?.[1] ?? '';
const ended = async ({ guest }: { guest: Seat }): Promise<string> =>
  /<reason>([^<]*)/.exec(await guest.until(/<destroy/))?.[1] ?? '';

async function isGoing({ guest }: { guest: Seat }): Promise<boolean> {
  await guest.send(
    `<iq xmlns='jabber:client' type='get' id='here' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  return !/<destroy/.test(await guest.until(/id=['"]here['"]/));
}

async function toBreakout(room: string, host: Seat): Promise<void> {
  await host.send(
    `<message xmlns='jabber:client' to='breakout.${domain}'><breakout_rooms type='features/breakout-rooms/add' subject='one'/></message>`,
  );
  const [breakout = ''] = /[0-9a-f-]{36}@breakout[^"&<]*/.exec(await host.until(/@breakout/)) ?? [];
  await requestConference(visit(room, 'host'), { body: JSON.stringify({ room: breakout, properties: {} }) });
  await host.send(
    `<presence xmlns='jabber:client' type='unavailable' to='${roomAddress(visit(room, 'host'))}/${host.jid.slice(0, 8)}'/>`,
  );
  await host.until(/type=['"]unavailable['"]/);
  await join(host, breakout, host.jid);
}

const left = await meeting('left');
const returned = await meeting('returned');
const breakout = await meeting('breakout');

returned.host.close();
await warned(returned);
await openRoom(visit('returned', 'host'));
await come(visit('returned', 'host'));
await toBreakout('breakout', breakout.host);

left.host.close();
const warning = await warned(left);
const reason = await ended(left);
const { status: afterwards } = await requestConference(visit('left', 'guest'));

// As long again, so that the others would have ended.
const later = await meeting('later');
later.host.close();
await ended(later);
const going = { returned: await isGoing(returned), breakout: await isGoing(breakout) };

breakout.host.close();
const seen: Hostless = { warning, reason, afterwards, going, leftBreakout: await ended(breakout) };
process.stdout.write(`\nANSWERS ${JSON.stringify(seen)}\n`);
process.exit(0);
