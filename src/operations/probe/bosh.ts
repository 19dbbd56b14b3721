import { randomInt } from 'node:crypto';
import xml from '@xmpp/xml';

const HTTP_BIND = 'http://jabber.org/protocol/httpbind';
const XBOSH = 'urn:xmpp:xbosh';

/** Query of a connection's URL: the room, and the token of an invitation. */
export const guestQuery = ({ room, token }: { room: string; token?: string | undefined }): URLSearchParams =>
  new URLSearchParams({ room, ...(token && { token }) });

/** Posts XML and returns the text of the response. */
export type Post = (path: string, body: string) => Promise<string>;

/** Opens a session over BOSH, which clients use in networks that block WebSockets, and closes it again. */
export async function tryBosh(
  url: URL,
  domain: string,
  guest: { room: string; token?: string | undefined },
  post: Post,
): Promise<string> {
  const path = `${url.pathname}?${guestQuery(guest)}`;
  // Any initial value is allowed as long as it is incremented by one; a random one distinguishes sessions.
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
  if (!/<mechanism[^>]*>ANONYMOUS</.test(opened)) throw new Error('BOSH offers no anonymous login');
  const close = xml('body', { xmlns: HTTP_BIND, rid: String(rid + 1), sid, type: 'terminate' });
  await post(path, close.toString());
  return 'a session was opened and closed';
}
