import { readFileSync } from 'node:fs';
import {
  EDGE,
  fromAddress,
  holdRoom,
  logIn,
  roomAddress,
  type Stream,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: a guest with an invitation for one room tries to be somebody else, and to reach other people through the room. */
interface Plan {
  readonly moderator: Visit;
  readonly guest: Visit;
  readonly other: Visit;
  readonly bridge: { readonly host: string; readonly name: string; readonly password: string };
  readonly addresses: number;
}

/** Prosody's reasons for refusals; empty if it accepted. */
export interface Occupants {
  /** By name in the room: to join with it, and to change the own one to it. */
  readonly names: Readonly<Record<string, readonly [string, string]>>;
  /** Of invitations, by whom they are for and what they have. */
  readonly invitations: Readonly<Record<string, string>>;
  /** Whether the other meeting received one. */
  readonly past: boolean;
  /** When a moderator removes the focus, and another participant. */
  readonly removals: Readonly<Record<'focus' | 'participant', string>>;
  /** When a moderator or a guest reserves a name, in a room's administration and by registration. */
  readonly reservations: readonly string[];
  /** When a moderator excludes the host of Jicofo, that of everybody, and Jicofo. */
  readonly exclusions: readonly string[];
  /** Presence at more addresses than are kept. */
  readonly addresses: readonly string[];
  /** What Prosody answers to a login with a bridge's password, over WebSocket and BOSH. */
  readonly daemon: readonly string[];
  /** What Prosody answers before login to stanzas with as many elements. */
  readonly beforeLogin: Readonly<Record<number, string>>;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain } = plan.guest;
const room = roomAddress(plan.guest);
const { tenant } = plan.guest;
/** Prosody's own name for the room, which a tenant's lobby has too. */
const lobby = `${tenant ? `[${tenant}]` : ''}${plan.guest.room}@lobby.${domain}`;
const MUC = 'http://jabber.org/protocol/muc';

let asked = 0;
/** Sends a stanza, and reads why it was refused. */
async function ask(stream: Stream, xml: string): Promise<string> {
  const id = `asked${asked++}`;
  await stream.send(xml);
  await stream.send(
    `<iq xmlns='jabber:client' type='get' id='${id}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  const answer = await stream.until(new RegExp(`id=['"]${id}['"]`));
  const [error = ''] = /<error.*?<\/error>/s.exec(answer) ?? [];
  return /<text[^>]*>([^<]*)</.exec(error)?.[1] ?? /<error[^>]*><([\w-]+)/.exec(error)?.[1] ?? '';
}

const presence = (to: string) => `<presence xmlns='jabber:client' to='${to}'><x xmlns='${MUC}'/></presence>`;
const invite = (addresses: readonly string[], addition = '', to = room) =>
  `<message xmlns='jabber:client' to='${to}'><x xmlns='${MUC}#user'>${addresses.map((address) => `<invite to='${address}'/>`).join('')}</x>${addition}</message>`;
const remove = (name: string) =>
  `<iq xmlns='jabber:client' type='set' id='x' to='${room}'><query xmlns='${MUC}#admin'><item role='none' nick='${name}'/></query></iq>`;

const moderator = await holdRoom(plan.moderator);
const other = await holdRoom(plan.other);
const guest = await holdRoom(plan.guest);
const stranger = await websocket(plan.guest);
const waiting = await logIn(stranger);
if (!waiting) throw new Error('The login was refused.');

const names: Record<string, [string, string]> = {};
for (const name of [
  'focus',
  'Focus',
  'x/focus',
  '__proto__',
  'constructor',
  'x'.repeat(900),
  '0BADCAFE0',
  '0badcafe',
]) {
  const joined = await ask(stranger, presence(`${room}/${name}`));
  if (!joined)
    await ask(stranger, `<presence xmlns='jabber:client' type='unavailable' to='${room}/${name}'/>`);
  names[name.slice(0, 20)] = [joined, await ask(guest, presence(`${room}/${name}`))];
}

await ask(stranger, presence(`${lobby}/${waiting.slice(0, 8)}`));
const invitations = {
  waiting: await ask(moderator, invite([waiting])),
  twice: await ask(moderator, invite([waiting, waiting])),
  addition: await ask(moderator, invite([waiting], '<x xmlns="other"/>')),
  elsewhere: await ask(guest, invite([other.jid], '<x xmlns="PAST"/>')),
  focus: await ask(guest, invite([`focus@auth.${domain}`])),
  lobby: await ask(guest, invite([other.jid], '', lobby)),
  declined: await ask(
    guest,
    `<message xmlns='jabber:client' to='${room}'><x xmlns='${MUC}#user'><decline to='${other.jid}'><reason>PAST</reason></decline></x></message>`,
  ),
};
await other.send(
  `<iq xmlns='jabber:client' type='get' id='heard' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
);
const past = (await other.until(/id=['"]heard['"]/)).includes('invite');

const addresses: string[] = [];
for (let n = 0; n < plan.addresses; n++)
  addresses.push(await ask(stranger, `<presence xmlns='jabber:client' to='polls.${domain}/${n}'/>`));

const { host, name, password } = plan.bridge;
const auth = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0${name}\0${password}`).toString('base64')}</auth>`;
async function daemonByWebSocket(): Promise<string> {
  const stream = await websocket({ ...plan.guest, domain: host });
  await stream.until(/<mechanism/);
  await stream.send(auth);
  return /<(success|failure|[\w-]+:?error)/.exec(await stream.until(/<success|<failure|error/))?.[1] ?? '';
}
async function daemonByBosh(): Promise<string> {
  const post = async (attributes: string, inside: string) => {
    const body = `<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' ${attributes}>${inside}</body>`;
    const headers = { ...fromAddress('198.51.100.7'), 'content-type': 'text/xml' };
    return (await fetch(`${EDGE}/http-bind?room=x`, { method: 'POST', headers, body })).text();
  };
  const opened = await post(`rid='1' to='${host}' ver='1.6' wait='1' hold='1' xmpp:version='1.0'`, '');
  const sid = /\ssid='([^']+)'/.exec(opened)?.[1];
  return (
    /<(success|failure|[\w-]+:?error)/.exec(sid ? await post(`rid='2' sid='${sid}'`, auth) : opened)?.[1] ??
    ''
  );
}

async function answerBeforeLogin(elements: number): Promise<string> {
  const stream = await websocket(plan.guest);
  await stream.until(/<mechanism/);
  await stream.send(
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'>${'<x/>'.repeat(elements)}</auth>`,
  );
  return /<(failure|policy-violation)/.exec(await stream.until(/<failure|error/))?.[1] ?? '';
}
const beforeLogin: Record<number, string> = {};
for (const elements of [10, 200, 2_000]) beforeLogin[elements] = await answerBeforeLogin(elements);

const mine = moderator.jid.split('/')[0];
const administer = (items: string) =>
  `<iq xmlns='jabber:client' type='set' id='x' to='${room}'><query xmlns='${MUC}#admin'>${items}</query></iq>`;
const register = `<iq xmlns='jabber:client' type='set' id='x' to='${room}'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_roomnick'><value>focus</value></field></x></query></iq>`;
const reservation = `<item affiliation='owner' nick='focus' jid='${mine}'/>`;
const reservations = [
  await ask(moderator, administer(reservation)),
  await ask(
    moderator,
    administer(`<item role='participant' nick='${guest.jid.slice(0, 8)}'/>${reservation}`),
  ),
  await ask(moderator, register),
  await ask(guest, register),
  await ask(moderator, administer(`<item affiliation='owner' jid='${mine}'/>`)),
];

const exclusions: string[] = [];
for (const address of [`auth.${domain}`, domain, `focus@auth.${domain}`])
  exclusions.push(await ask(moderator, administer(`<item affiliation='outcast' jid='${address}'/>`)));

const daemon = [await daemonByWebSocket(), await daemonByBosh()];
const removals = {
  focus: await ask(moderator, remove('focus')),
  participant: await ask(moderator, remove(guest.jid.slice(0, 8))),
};
const occupants: Occupants = {
  names,
  invitations,
  past,
  removals,
  reservations,
  exclusions,
  addresses,
  daemon,
  beforeLogin,
};
process.stdout.write(`\nANSWERS ${JSON.stringify(occupants)}\n`);
process.exit(0);
