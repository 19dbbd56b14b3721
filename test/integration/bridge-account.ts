import { client } from '@xmpp/client';
import xml from '@xmpp/xml';
import { trustAnyCertificate } from '../../src/rehearsal/fakes/daemon/xmpp-session.js';

/** Logs in to Prosody on this machine, tries to enter and discover rooms, and prints the answers. Runs inside Debian. */

const [domain = '', username = '', password = ''] = process.argv.slice(2);
trustAnyCertificate();
const xmpp = client({ service: 'xmpp://127.0.0.1:5222', domain: `auth.${domain}`, username, password });
xmpp.reconnect.stop();
xmpp.on('error', () => {});
await xmpp.start();

/** `joined`, or the condition of the error. */
const join = (room: string): Promise<string> =>
  new Promise((resolve) => {
    const nick = `${room}/${username}`;
    xmpp.on('stanza', (stanza) => {
      if (!stanza.is('presence') || ![nick, room].includes(stanza.attrs.from)) return;
      const error = stanza.getChild('error');
      resolve(
        error
          ? (error.getChildElements().find(({ name }: { name: string }) => name !== 'text')?.name ?? 'error')
          : 'joined',
      );
    });
    xmpp
      .send(xml('presence', { to: nick }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })))
      .catch(resolve);
  });

const ask = (to: string): Promise<string> =>
  xmpp.iqCaller
    .request(
      xml('iq', { type: 'get', to }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#items' })),
      5_000,
    )
    .then(
      () => 'answered',
      (error: { condition?: string; message: string }) => error.condition ?? error.message,
    );

const answers = {
  brewery: await join(`jvbbrewery@internal.auth.${domain}`),
  meeting: await join(`standup@conference.${domain}`),
  rooms: await ask(`conference.${domain}`),
  host: await ask(domain),
  ownHost: await ask(`auth.${domain}`),
};
process.stdout.write(`ANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
