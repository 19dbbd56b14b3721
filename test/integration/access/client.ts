import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** What happened to somebody who tried to get in by one way. */
export type Outcome = 'in' | 'in, as moderator' | 'login refused' | 'room refused';

/** Runs on the machine itself: tries each token by each way in, through HAProxy and nginx, and prints what happened. */
interface Plan {
  readonly domain: string;
  readonly room: string;
  readonly tokens: Record<string, string | null>;
}

const EDGE = 'http://127.0.0.1';
const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain, room } = plan;
const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' };

async function page(token: string | null): Promise<number> {
  const query = token === null ? '' : `?jwt=${token}`;
  return (await fetch(`${EDGE}/${room}${query}`, { headers })).status;
}

async function conference(token: string | null, wanted = room): Promise<number> {
  const response = await fetch(`${EDGE}/conference-request/v1?room=${room}`, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ room: `${wanted}@conference.${domain}`, properties: {} }),
  });
  const text = await response.text();
  return response.status === 200 && !text.includes('"ready":true') ? 0 : response.status;
}

/** A way to send a stanza, open the stream anew, and read what has come. */
interface Stream {
  send(xml: string): void | Promise<void>;
  restart(): void | Promise<void>;
  /** Resolves with all that came since the last time as soon as it matches. */
  until(pattern: RegExp): Promise<string>;
  close(): void;
}

const query = (token: string | null) => `room=${room}${token === null ? '' : `&token=${token}`}`;

async function websocket(token: string | null): Promise<Stream> {
  const socket = new WebSocket(`ws://127.0.0.1/xmpp-websocket?${query(token)}`, ['xmpp'], { headers });
  const inbox = new Inbox();
  socket.on('message', (data) => inbox.put(String(data)));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const open = () =>
    socket.send(`<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'/>`);
  open();
  return { send: (xml) => socket.send(xml), restart: open, until: inbox.until, close: () => socket.close() };
}

async function bosh(token: string | null): Promise<Stream> {
  let rid = 1000;
  let sid = '';
  const inbox = new Inbox();
  const post = async (attributes: string, inside = ''): Promise<void> => {
    const body = `<body xmlns='http://jabber.org/protocol/httpbind' rid='${rid++}'${sid && ` sid='${sid}'`} ${attributes}>${inside}</body>`;
    const response = await fetch(`${EDGE}/http-bind?${query(token)}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'text/xml' },
      body,
    });
    const text = await response.text();
    sid ||= /\ssid='([^']+)'/.exec(text)?.[1] ?? '';
    inbox.put(text);
  };
  const XBOSH = "xmlns:xmpp='urn:xmpp:xbosh'";
  await post(`to='${domain}' ver='1.6' wait='1' hold='1' xml:lang='en' xmpp:version='1.0' ${XBOSH}`);
  return {
    send: (xml) => post('', xml),
    restart: () => post(`to='${domain}' xml:lang='en' xmpp:restart='true' ${XBOSH}`),
    until: (pattern) => inbox.until(pattern, () => post('')),
    close: () => void post("type='terminate'"),
  };
}

/** What came and was not read yet. Where nothing comes by itself, `ask` brings more. */
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

async function enter(stream: Stream): Promise<Outcome> {
  await stream.until(/ANONYMOUS/);
  await stream.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
  if (/<failure/.test(await stream.until(/<(success|failure)/))) return 'login refused';
  await stream.restart();
  await stream.until(/urn:ietf:params:xml:ns:xmpp-bind/);
  await stream.send(
    "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
  );
  const nick = /<jid>([0-9a-z]{8})/.exec(await stream.until(/<\/jid>/))?.[1];
  await stream.send(
    `<presence xmlns='jabber:client' to='${room}@conference.${domain}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  const own = await stream.until(/type=['"]error['"]|<status[^>]*code=['"]110['"]/);
  if (/type=['"]error['"]/.test(own)) return 'room refused';
  return /role=['"]moderator['"]/.test(own.slice(own.lastIndexOf('<presence'))) ? 'in, as moderator' : 'in';
}

/** What the focus is asked for without nginx in between, by who has logged in. */
async function conferenceInXmpp(token: string): Promise<string> {
  const stream = await websocket(token);
  await enter(stream);
  await stream.send(
    `<iq xmlns='jabber:client' type='set' id='conf' to='focus.${domain}'><conference xmlns='http://jitsi.org/protocol/focus' room='other@conference.${domain}'/></iq>`,
  );
  const answer = await stream.until(/id=['"]conf['"]/);
  stream.close();
  return /<forbidden/.test(answer) ? 'forbidden' : answer;
}

const good = plan.tokens.good ?? '';

/** Has the focus open the room, and somebody stay in it: the focus leaves with the last, and nobody could enter then. */
async function holdRoom(): Promise<void> {
  const deadline = Date.now() + 20_000;
  while ((await conference(good)) !== 200) {
    if (Date.now() > deadline) throw new Error('The focus does not open the room.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await enter(await websocket(good));
}

await holdRoom();
const answers: Record<string, unknown> = {};
for (const [name, token] of Object.entries(plan.tokens)) {
  const ways: Record<string, unknown> = { page: await page(token), conference: await conference(token) };
  for (const [way, open] of Object.entries({ bosh, websocket })) {
    const stream = await open(token);
    ways[way] = await enter(stream);
    stream.close();
  }
  answers[name] = ways;
}
answers.conferenceOfAnotherRoom = await conference(good, 'other');
answers.conferenceInXmpp = await conferenceInXmpp(good);
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
