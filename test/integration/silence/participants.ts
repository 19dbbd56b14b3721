import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { DOMAIN, from, Participant } from '../limits/participant.js';

/** Seconds from a participant's silent disconnection until the others no longer see them. Null: they still did at the end. */
export interface Seen {
  readonly webSocket: number | null;
  readonly withoutResumption: number | null;
  readonly bosh: number | null;
  readonly killedBrowser: number | null;
  /** A participant who reconnects after 20 s: whether the session was resumed, and whether the others noticed. */
  readonly cameBack: { readonly resumed: boolean; readonly noticed: boolean };
  /** Whether a participant whose page sends nothing is still in the meeting and reachable. */
  readonly quiet: boolean;
}

/** How long the others wait, in seconds. */
const { seconds } = JSON.parse(readFileSync(0, 'utf8')) as { readonly seconds: number };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const nft = (...words: string[]) => execFileSync('nft', words);
nft('add', 'table', 'inet', 'lost');
nft('add', 'set', 'inet', 'lost', 'gone', '{ type ipv4_addr; }');
nft('add', 'chain', 'inet', 'lost', 'input', '{ type filter hook input priority 0; }');
nft('add', 'rule', 'inet', 'lost', 'input', 'ip', 'saddr', '@gone', 'drop');
nft('add', 'rule', 'inet', 'lost', 'input', 'ip', 'daddr', '@gone', 'drop');

/** Cuts the network of the participant with this address: no packet passes, not even one that closes a connection. */
const lose = (address: string) => nft('add', 'element', 'inet', 'lost', 'gone', `{ ${address} }`);

const enable = async (participant: Participant): Promise<string> => {
  participant.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
  return /\sid=['"]([^'"]+)/.exec(await participant.until(/<enabled/))?.[1] ?? '';
};

let rooms = 0;
const newRoom = () => `silence-${++rooms}`;

/** Watches a room. `gone` resolves with the seconds until the participant with a nickname left. */
async function watch(room: string) {
  const watcher = await Participant.join('198.51.100.1', room);
  const began = new Map<string, number>();
  const left = new Map<string, number>();
  watcher.socket.on('message', (data) => {
    const [, nick] = /^<presence[^>]*from=['"][^'"/]+\/([^'"]+)/.exec(String(data)) ?? [];
    if (nick && /type=['"]unavailable/.test(String(data))) left.set(nick, Date.now());
  });
  return {
    since: (nick: string) => began.set(nick, Date.now()),
    noticed: (nick: string) => left.has(nick),
    async gone(nick: string): Promise<number | null> {
      while (!left.has(nick)) {
        if (Date.now() > (began.get(nick) ?? 0) + seconds * 1_000) return null;
        await pause(100);
      }
      return Math.round(((left.get(nick) ?? 0) - (began.get(nick) ?? 0)) / 100) / 10;
    },
  };
}

async function lost(localAddress: string, resumable: boolean): Promise<number | null> {
  const room = newRoom();
  const others = await watch(room);
  const ghost = await Participant.join('198.51.100.2', room, { localAddress });
  if (resumable) await enable(ghost);
  lose(localAddress);
  others.since(ghost.nick);
  return others.gone(ghost.nick);
}

async function killedBrowser(): Promise<number | null> {
  const room = newRoom();
  const others = await watch(room);
  const ghost = await Participant.join('198.51.100.2', room);
  await enable(ghost);
  ghost.leave();
  others.since(ghost.nick);
  return others.gone(ghost.nick);
}

async function cameBack(localAddress: string): Promise<Seen['cameBack']> {
  const room = newRoom();
  const others = await watch(room);
  const one = await Participant.join('198.51.100.2', room, { localAddress });
  const previous = await enable(one);
  lose(localAddress);
  await pause(20_000);
  const again = await Participant.authenticate('198.51.100.3', room, { previous });
  await again.until(/urn:xmpp:sm:3/);
  again.send(`<resume xmlns='urn:xmpp:sm:3' h='0' previd='${previous}'/>`);
  const answer = await again.until(/<(resumed|failed)/);
  await pause((seconds - 25) * 1_000);
  return { resumed: answer.includes('<resumed'), noticed: others.noticed(one.nick) };
}

async function quiet(): Promise<boolean> {
  const room = newRoom();
  const one = await Participant.join('198.51.100.1', room);
  const other = await Participant.join('198.51.100.2', room);
  await enable(other);
  await pause((seconds - 5) * 1_000);
  one.say('still there?');
  return /still there/.test(await other.until(/still there/));
}

/** A client over BOSH, which always has a request open. */
async function bosh(localAddress: string): Promise<number | null> {
  const room = newRoom();
  const others = await watch(room);
  const agent = new Agent({ keepAlive: true, localAddress });
  let [rid, sid] = [1000, ''];
  const post = (attributes: string, inside = '') =>
    new Promise<string>((resolve, reject) => {
      const sent = request(
        `http://127.0.0.1/http-bind?room=${room}`,
        { method: 'POST', agent, headers: { ...from('198.51.100.4'), 'content-type': 'text/xml' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => resolve(text)).on('error', reject);
        },
      );
      sent.on('error', reject);
      const session = sid && ` sid='${sid}'`;
      sent.end(
        `<body xmlns='http://jabber.org/protocol/httpbind' rid='${rid++}'${session} ${attributes}>${inside}</body>`,
      );
    });
  const until = async (pattern: RegExp, text: string): Promise<string> => {
    let all = text;
    while (!pattern.test(all)) all += await post('');
    return all;
  };
  const xbosh = "xmlns:xmpp='urn:xmpp:xbosh'";
  const first = await post(`to='${DOMAIN}' ver='1.6' wait='60' hold='1' xmpp:version='1.0' ${xbosh}`);
  sid = /\ssid='([^']+)'/.exec(first)?.[1] ?? '';
  const auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
  await until(/<success/, await post('', auth));
  await post(`to='${DOMAIN}' xmpp:restart='true' ${xbosh}`);
  const bind =
    "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
  const nick = /<jid>([^@]{8})/.exec(await until(/<jid>/, await post('', bind)))?.[1] ?? '';
  const address = `${room}@conference.${DOMAIN}/${nick}`;
  const enter = `<presence xmlns='jabber:client' to='${address}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`;
  await until(/code='110'/, await post('', enter));
  post('').catch(() => {});
  await pause(500);
  lose(localAddress);
  others.since(nick);
  return others.gone(nick);
}

const answers: Seen = await Promise.all([
  lost('127.0.0.11', true),
  lost('127.0.0.12', false),
  bosh('127.0.0.13'),
  killedBrowser(),
  cameBack('127.0.0.14'),
  quiet(),
]).then(([webSocket, withoutResumption, overBosh, killed, back, stays]) => ({
  webSocket,
  withoutResumption,
  bosh: overBosh,
  killedBrowser: killed,
  cameBack: back,
  quiet: stays,
}));
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
