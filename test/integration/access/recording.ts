import { readFileSync } from 'node:fs';
import { client } from '@xmpp/client';
import xml from '@xmpp/xml';
import { recorderUserAgent } from '../../../src/contract/recording.js';
import { trustAnyCertificate } from '../../../src/rehearsal/fakes/daemon/xmpp-session.js';
import {
  EDGE,
  fromAddress,
  holdRoom,
  join,
  logIn,
  outcome,
  roomAddress,
  type Stream,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: who can record a meeting, and what recorders' accounts can do. */
interface Plan {
  readonly moderator: Visit;
  readonly guest: Visit;
  readonly streamKey: string;
  readonly passwords: {
    readonly bridge: string;
    readonly brewery: string;
    readonly meetings: string;
    readonly page: string;
  };
}

/** Prosody's reasons for refusals; what Jicofo answers if a request reaches it. */
export interface Recording {
  readonly requests: Readonly<Record<'moderator' | 'guest' | 'outsider' | 'recorder', string>>;
  /** How the recorder's browser entered the meeting. */
  readonly entered: string;
  /** Logins at the hidden host, by what was sent. */
  readonly logins: Readonly<Record<'wrong' | 'anonymous', string>>;
  /** By account and room. */
  readonly rooms: Readonly<Record<string, string>>;
  /** Statuses of the page, and whether a conference request for a room that nobody has opened was answered. */
  readonly page: Readonly<Record<'recorder' | 'other', number>>;
  readonly request: string;
  /** What the recorder is told when it enters that room. */
  readonly unopened: string;
  /** Whether a guest's page is told to show the buttons. */
  readonly buttons: boolean;
  /** Whether a guest is let into the recorders' brewery. */
  readonly guestInBrewery: boolean;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain } = plan.guest;
const hidden = `recorder.${domain}`;
const internal = `internal.auth.${domain}`;

let asked = 0;
/** Sends a request to start a stream, and reads why it was refused. */
async function requestToRecord(stream: Stream): Promise<string> {
  const id = `asked${asked++}`;
  await stream.send(
    `<iq xmlns='jabber:client' type='set' id='${id}' to='${roomAddress(plan.guest)}/focus'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='stream' streamid='${plan.streamKey}'/></iq>`,
  );
  const answer = await stream.until(new RegExp(`<iq[^>]*id=['"]${id}['"].*</iq>`, 's'));
  return /<error[^>]*>\s*<([\w-]+)/.exec(answer)?.[1] ?? 'result';
}

/** Logs in at the hidden host, as a recorder's browser does. Returns the answer, and the full address if it is a success. */
async function logInHidden(
  mechanism: string,
  secret: string,
): Promise<{ answer: string; stream: Stream; jid: string }> {
  const stream = await websocket({ ...plan.guest, token: null, domain: hidden });
  await stream.until(/<mechanism/);
  await stream.send(
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${Buffer.from(secret).toString('base64')}</auth>`,
  );
  const answer = /<(success|failure)/.exec(await stream.until(/<success|<failure/))?.[1] ?? '';
  if (answer !== 'success') return { answer, stream, jid: '' };
  await stream.restart();
  await stream.until(/urn:ietf:params:xml:ns:xmpp-bind/);
  await stream.send(
    "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>0badcafe</resource></bind></iq>",
  );
  const jid = /<jid>([^<]+)<\/jid>/.exec(await stream.until(/<\/jid>/))?.[1] ?? '';
  return { answer, stream, jid };
}

trustAnyCertificate();
/** Whether a daemon's account is let into rooms. */
async function enterAs(username: string, password: string, rooms: readonly string[]): Promise<string[]> {
  const xmpp = client({ service: 'xmpp://127.0.0.1:5222', domain: `auth.${domain}`, username, password });
  xmpp.reconnect.stop();
  xmpp.on('error', () => {});
  await xmpp.start();
  const answers: string[] = [];
  for (const room of rooms)
    answers.push(
      await new Promise<string>((resolve) => {
        xmpp.on('stanza', (stanza) => {
          if (!stanza.is('presence') || !String(stanza.attrs.from).startsWith(room)) return;
          const error = stanza.getChild('error');
          resolve(error ? (error.getChildElements()[0]?.name ?? 'error') : 'joined');
        });
        xmpp
          .send(
            xml(
              'presence',
              { to: `${room}/${username}` },
              xml('x', { xmlns: 'http://jabber.org/protocol/muc' }),
            ),
          )
          .catch(resolve);
      }),
    );
  await xmpp.stop();
  return answers;
}

const moderator = await holdRoom(plan.moderator);
const guest = await holdRoom(plan.guest);
const outsider = await websocket(plan.guest);
const outsiderJid = (await logIn(outsider)) ?? '';

const recorder = await logInHidden('PLAIN', `\0recorder\0${plan.passwords.meetings}`);
const entered = recorder.jid
  ? outcome(await join(recorder.stream, roomAddress(plan.guest), '0badcafe'))
  : `login: ${recorder.answer}`;

const requests = {
  moderator: await requestToRecord(moderator),
  guest: await requestToRecord(guest),
  outsider: await requestToRecord(outsider),
  recorder: await requestToRecord(recorder.stream),
};
const buttons = /<p name=['"]recording['"]|<p val=['"]true['"] name=['"]recording/.test(
  await join(outsider, roomAddress(plan.guest), outsiderJid),
);
const browser = {
  ...fromAddress('198.51.100.9'),
  'user-agent': recorderUserAgent('Mozilla/5.0', plan.passwords.page),
};
const other = { ...browser, 'user-agent': recorderUserAgent('Mozilla/5.0', 'not-the-pass') };
const page = async (headers: Record<string, string>) => (await fetch(`${EDGE}/standup`, { headers })).status;
const request = await (
  await fetch(`${EDGE}/conference-request/v1?room=unopened`, {
    method: 'POST',
    headers: { ...browser, 'content-type': 'application/json' },
    body: JSON.stringify({ room: roomAddress({ ...plan.guest, room: 'unopened' }), properties: {} }),
  })
).text();
const pages = { recorder: await page(browser), other: await page(other) };
const unopened = outcome(
  await join(recorder.stream, roomAddress({ ...plan.guest, room: 'unopened' }), '0badcafe'),
);
const logins = {
  wrong: (await logInHidden('PLAIN', '\0recorder\0not the password of recorders')).answer,
  anonymous: (await logInHidden('ANONYMOUS', '')).answer,
};
const [own = '', bridges = '', meeting = ''] = await enterAs('jibri', plan.passwords.brewery, [
  `jibribrewery@${internal}`,
  `jvbbrewery@${internal}`,
  roomAddress(plan.guest),
]);
const [recorders = ''] = await enterAs('jvb', plan.passwords.bridge, [`jibribrewery@${internal}`]);

await guest.send(
  `<presence xmlns='jabber:client' to='jibribrewery@${internal}/x'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
);
await guest.send(
  `<iq xmlns='jabber:client' type='get' id='then' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`,
);
const guestInBrewery = /jibribrewery[^>]*>.*code=['"]110/s.test(await guest.until(/id=['"]then['"]/));

const seen: Recording = {
  requests,
  entered,
  logins,
  page: pages,
  request,
  unopened,
  buttons,
  rooms: { own, bridges, meeting, recorders },
  guestInBrewery,
};
process.stdout.write(`\nANSWERS ${JSON.stringify(seen)}\n`);
process.exit(0);
