import { readFileSync } from 'node:fs';
import { DOMAIN, Participant } from './participant.js';

/** Runs on the shard: a moderator and guests exceed what is kept for their meeting. */
export interface Plan {
  /** The same limit for breakout rooms, polls and participants who have left. */
  readonly most: number;
  readonly name: number;
  /** Longest value of metadata. */
  readonly value: number;
}

/** Results of requests: the reason of the refusal, or empty. */
export interface Meeting {
  readonly breakoutRooms: readonly string[];
  readonly longName: string;
  /** To move a participant of another meeting, one of the own, and nobody. */
  readonly move: readonly string[];
  readonly polls: readonly string[];
  /** Presence with the longest display name, and with a longer one. */
  readonly displayNames: readonly string[];
  /** To an address of the service with a resource. */
  readonly otherAddress: string;
  /** Values of metadata: with names of their own, another one with the first name, and a long one. */
  readonly metadata: readonly string[];
  /** To permit a participant to speak, twice. */
  readonly permissions: readonly string[];
  readonly landmarks: string;
  /** Statistics that are kept after as many participants as these have left. */
  readonly kept: number;
  readonly left: number;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const NETWORK = '198.51.100.7';
const ROOM = 'meeting';

let asked = 0;
/** Sends a stanza, and reads why it was refused. */
async function ask(participant: Participant, xml: string): Promise<string> {
  const id = `asked${asked++}`;
  participant.send(xml);
  participant.send(
    `<iq xmlns='jabber:client' type='get' id='${id}' to='${DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  return /<text[^>]*>([^<]*)</.exec(await participant.until(new RegExp(`id=['"]${id}['"]`)))?.[1] ?? '';
}

async function several<T>(count: number, attempt: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < count; n++) results.push(await attempt(n));
  return results;
}

const breakout = (type: string, attributes: string) =>
  `<message xmlns='jabber:client' to='breakout.${DOMAIN}'><breakout_rooms type='features/breakout-rooms/${type}' ${attributes}/></message>`;
const poll = `<message xmlns='jabber:client' to='polls.${DOMAIN}'><json-message xmlns='http://jitsi.org/jitmeet'>{}</json-message></message>`;

const to = (service: string, inside: string) =>
  `<message xmlns='jabber:client' to='${service}.${DOMAIN}'>${inside}</message>`;
const JITSI = 'http://jitsi.org/jitmeet';
const value = (key: string, data = '') =>
  to(
    'metadata',
    `<room_metadata xmlns='${JITSI}' room='${ROOM}@conference.${DOMAIN}'>${JSON.stringify({ key, data })}</room_metadata>`,
  );
const host = await Participant.join(NETWORK, ROOM);
const guest = await Participant.join(NETWORK, ROOM);
const other = await Participant.join('203.0.113.9', 'another');
const fullAddress = async (of: Participant) => {
  of.send(`<iq xmlns='jabber:client' type='get' id='me' to='${DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>`);
  return (
    /id=['"]me['"][^>]*to=['"]([^'"]+)|to=['"]([^'"]+)['"][^>]*id=['"]me/
      .exec(await of.until(/id=['"]me['"]/))
      ?.slice(1)
      .find(Boolean) ?? ''
  );
};
const moveOf = async (address: string) =>
  ask(host, breakout('move-to-room', `roomJid='${host.address}' participantJid='${address}'`));
const named = (name: string) =>
  `<presence xmlns='jabber:client' to='${guest.occupant}'><nick xmlns='http://jabber.org/protocol/nick'>${name}</nick></presence>`;

const permission = to(
  'avmoderation',
  `<av_moderation mediaType='audio' jidToWhitelist='${guest.occupant}'/>`,
);

const meeting: Omit<Meeting, 'kept' | 'left'> = {
  longName: await ask(host, breakout('add', `subject='${'x'.repeat(plan.name + 1)}'`)),
  breakoutRooms: await several(plan.most + 1, () =>
    ask(host, breakout('add', `subject='${'x'.repeat(plan.name)}'`)),
  ),
  move: await [
    await moveOf(await fullAddress(other)),
    await moveOf(await fullAddress(guest)),
    await moveOf(''),
  ],
  polls: await several(plan.most + 1, () => ask(guest, poll)),
  displayNames: [
    await ask(guest, named('x'.repeat(plan.name))),
    await ask(guest, named('x'.repeat(plan.name + 1))),
  ],
  otherAddress: await ask(guest, poll.replace(DOMAIN, `${DOMAIN}/x`)),
  metadata: await several(plan.most + 3, (n) =>
    ask(
      host,
      n <= plan.most ? value(`name${n}`) : value('name0', 'x'.repeat(n === plan.most + 1 ? 10 : plan.value)),
    ),
  ),
  permissions: [await ask(host, permission), await ask(host, permission)],
  landmarks: await ask(
    guest,
    to(
      'speakerstats',
      `<faceLandmarks xmlns='${JITSI}' room='${ROOM}@conference.${DOMAIN}' faceExpression='x'/>`,
    ),
  ),
};

const left = plan.most * 3;
await several(left, async () => (await Participant.join(NETWORK, ROOM)).leave());
const told = await host.until(/kept/);
const kept = Number([...told.matchAll(/kept (\d+)/g)].at(-1)?.[1]);
process.stdout.write(`\nANSWERS ${JSON.stringify({ ...meeting, kept, left } satisfies Meeting)}\n`);
process.exit(0);
