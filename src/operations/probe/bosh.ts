import { randomInt } from 'node:crypto';
import xml from '@xmpp/xml';

const HTTP_BIND = 'http://jabber.org/protocol/httpbind';
const XBOSH = 'urn:xmpp:xbosh';

/** What the client adds to the address of a connection: the room, and who is invited to it. */
export const guestQuery = ({ room, token }: { room: string; token?: string | undefined }): URLSearchParams =>
  new URLSearchParams({ room, ...(token && { token }) });

/** Posts XML and gives the text of the answer. */
export type Post = (path: string, body: string) => Promise<string>;

/** Opens a session over BOSH, the way in for networks that let no WebSocket through, and closes it again. */
export async function tryBosh(
  url: URL,
  domain: string,
  guest: { room: string; token?: string | undefined },
  post: Post,
): Promise<string> {
  const path = `${url.pathname}?${guestQuery(guest)}`;
  // Any start will do as long as it grows by one; random ones keep sessions apart.
  const rid = randomInt(1, 2 ** 31);
  const opened = await post(
    path,
    xml('body', {
      xmlns: HTTP_BIND,
      'xmlns:xmpp': XBOSH,
      'xmpp:version': '1.0',
      'xml:lang': 'en',
      hold: '1',
      rid: String(rid),
      to: domain,
      ver: '1.6',
      wait: '60',
    }).toString(),
  );
  const sid = /<body[^>]*\ssid=['"]([^'"]+)['"]/.exec(opened)?.[1];
  if (!sid) throw new Error(`BOSH gave no session: ${opened.slice(0, 200)}`);
  if (!/<mechanism[^>]*>ANONYMOUS</.test(opened)) throw new Error('BOSH offers guests no way to log in');
  const close = xml('body', { xmlns: HTTP_BIND, rid: String(rid + 1), sid, type: 'terminate' });
  await post(path, close.toString());
  return 'a session was opened and closed';
}
