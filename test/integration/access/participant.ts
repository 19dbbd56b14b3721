import { WebSocket } from 'ws';

/** Result of an attempt to join. */
export type Outcome = 'in' | 'in, as moderator' | 'login refused' | 'room refused';

/** The room that a participant wants to join, and their token. */
export interface Visit {
  readonly domain: string;
  readonly room: string;
  /** Null: none is sent. */
  readonly token: string | null;
  /** The room as it is written in an address; without, as in its name. */
  readonly spelled?: string;
  /** As it is written in an address. */
  readonly tenant?: string;
  /** Id of the session to resume. */
  readonly previous?: string;
}

/** The address of a room in XMPP. */
export const roomAddress = ({ domain, room, tenant }: Visit): string =>
  `${room}@conference.${tenant ? `${tenant.toLowerCase().replaceAll('.', '_')}.` : ''}${domain}`;

const below = ({ tenant }: Visit): string => (tenant ? `/${tenant}` : '');

export const EDGE = 'http://127.0.0.1';

/** What the load balancer adds. The address is that of the participant. */
export const fromAddress = (address: string) => ({
  'x-forwarded-proto': 'https',
  'x-forwarded-for': address,
});

const headers = fromAddress('198.51.100.7');

/** Sends stanzas, reopens the stream, and reads what was received. */
export interface Stream {
  send(xml: string): void | Promise<void>;
  restart(): void | Promise<void>;
  /** Resolves with what was received since the last call as soon as it matches. */
  until(pattern: RegExp): Promise<string>;
  close(): void;
}

const query = ({ room, spelled = room, token, previous }: Visit) =>
  `room=${spelled}${token === null ? '' : `&token=${token}`}${previous ? `&previd=${previous}` : ''}`;

export async function websocket(visit: Visit): Promise<Stream & { readonly closed: () => boolean }> {
  const socket = new WebSocket(`ws://127.0.0.1${below(visit)}/xmpp-websocket?${query(visit)}`, ['xmpp'], {
    headers,
  });
  const inbox = new Inbox();
  socket.on('message', (data) => inbox.put(String(data)));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  // A broken stream is noticed by a missing answer.
  socket.on('error', () => {});
  const open = () =>
    socket.send(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${visit.domain}' version='1.0'/>`);
  open();
  return {
    send: (xml) => socket.send(xml),
    restart: open,
    until: inbox.until,
    close: () => socket.close(),
    closed: () => socket.readyState !== WebSocket.OPEN,
  };
}

export async function bosh(visit: Visit): Promise<Stream> {
  let rid = 1000;
  let sid = '';
  const inbox = new Inbox();
  const post = async (attributes: string, inside = ''): Promise<void> => {
    const body = `<body xmlns='http://jabber.org/protocol/httpbind' rid='${rid++}'${sid && ` sid='${sid}'`} ${attributes}>${inside}</body>`;
    const response = await fetch(`${EDGE}${below(visit)}/http-bind?${query(visit)}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/xml' },
      body,
    });
    const text = await response.text();
    sid ||= /\ssid='([^']+)'/.exec(text)?.[1] ?? '';
    inbox.put(text);
  };
  const XBOSH = "xmlns:xmpp='urn:xmpp:xbosh'";
  await post(`to='${visit.domain}' ver='1.6' wait='1' hold='1' xml:lang='en' xmpp:version='1.0' ${XBOSH}`);
  return {
    send: (xml) => post('', xml),
    restart: () => post(`to='${visit.domain}' xml:lang='en' xmpp:restart='true' ${XBOSH}`),
    until: (pattern) => inbox.until(pattern, () => post('')),
    close: () => void post("type='terminate'"),
  };
}

/** Received text that was not read yet. `ask` polls for more on a transport that needs it. */
class Inbox {
  private text = '';
  private wake = () => {};

  put(text: string): void {
    this.text += text;
    this.wake();
  }

  readonly until = async (pattern: RegExp, ask?: () => Promise<void>): Promise<string> => {
    const deadline = Date.now() + 10_000;
    while (!pattern.test(this.text)) {
      if (Date.now() > deadline) throw new Error(`${pattern} did not come, but ${this.text}`);
      if (ask) await ask();
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
          setTimeout(resolve, 1_000);
        });
      }
    }
    const { text } = this;
    this.text = '';
    return text;
  };
}

/**
 * Logs in. Returns the full address, or undefined if the login was refused. `resume`: the stanza that resumes a session, which
 * has an address already.
 */
export async function logIn(stream: Stream, resume?: string): Promise<string | undefined> {
  await stream.until(/ANONYMOUS/);
  await stream.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
  if (/<failure/.test(await stream.until(/<(success|failure)/))) return undefined;
  await stream.restart();
  await stream.until(/urn:ietf:params:xml:ns:xmpp-bind/);
  if (resume) {
    await stream.send(resume);
    await stream.until(/<resumed/);
    return undefined;
  }
  await stream.send(
    "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
  );
  return /<jid>([^<]+)<\/jid>/.exec(await stream.until(/<\/jid>/))?.[1] ?? '';
}

/** Enters a room by its address, under the nickname that the web client uses. Returns everything received meanwhile. */
export async function join(stream: Stream, address: string, jid: string): Promise<string> {
  await stream.send(
    `<presence xmlns='jabber:client' to='${address}/${jid.slice(0, 8)}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  return stream.until(/type=['"]error['"]|<status[^>]*code=['"]110['"]/);
}

/** A room's answer to a participant who entered. */
export function outcome(answer: string): Outcome {
  if (/type=['"]error['"]/.test(answer)) return 'room refused';
  const own = answer.split('</presence>').findLast((one) => /code=['"]110['"]/.test(one)) ?? '';
  return /role=['"]moderator['"]/.test(own) ? 'in, as moderator' : 'in';
}

export async function enter(stream: Stream, visit: Visit): Promise<Outcome> {
  const jid = await logIn(stream);
  return jid === undefined ? 'login refused' : outcome(await join(stream, roomAddress(visit), jid));
}

/** A conference request like the web client's; `about` changes parts of it. */
export async function requestConference(
  visit: Visit,
  about: {
    readonly query?: string;
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly type?: string;
    readonly path?: string;
    readonly address?: string;
    readonly signal?: AbortSignal;
  } = {},
): Promise<{ status: number; text: string }> {
  const { room, spelled = room, token } = visit;
  const response = await fetch(
    `${EDGE}${about.path ?? `${below(visit)}/conference-request/v1`}?${about.query ?? `room=${spelled}`}`,
    {
      method: 'POST',
      headers: {
        ...fromAddress(about.address ?? '198.51.100.7'),
        'content-type': about.type ?? 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: about.body ?? JSON.stringify({ room: roomAddress(visit), properties: {} }),
      ...(about.signal && { signal: about.signal }),
    },
  );
  return { status: response.status, text: await response.text() };
}

/** Has the focus open the room. It leaves again if nobody enters. */
export async function openRoom(visit: Visit): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await requestConference(visit)).text.includes('"ready":true')) {
    if (Date.now() > deadline) throw new Error('The focus does not open the room.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Has the focus open the room, and stays in it, because the focus closes a room with its last participant. */
export async function holdRoom(
  visit: Visit,
): Promise<Awaited<ReturnType<typeof websocket>> & { readonly jid: string }> {
  await openRoom(visit);
  const stream = await websocket(visit);
  const jid = (await logIn(stream)) ?? '';
  await join(stream, roomAddress(visit), jid);
  return { ...stream, jid };
}
