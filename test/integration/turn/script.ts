import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { Participant, type Service } from './participant.js';
import { type Peer, TurnClient } from './turn-client.js';

/** Runs on the shard, and prints the results. */
export interface Plan {
  readonly domain: string;
  readonly secret: string;
  readonly edge: number;
  /** Addresses that echo every message. */
  readonly peers: Record<string, Peer>;
  readonly newcomer: Peer;
  /** Where a relay must not send, by any method. */
  readonly targets: Record<string, Peer>;
  /** The kernel's rules once the new bridge is a member. */
  readonly rules: { readonly path: string; readonly text: string };
}

export interface Answers {
  readonly services: Service[];
  readonly allocation: Record<string, number>;
  readonly peers: Record<
    string,
    { readonly permission: number; readonly answered: boolean; readonly open: boolean }
  >;
  /** Codes of a permission and a channel for each target, and whether the relay sent something there. */
  readonly targets: Record<
    string,
    { readonly permission: number; readonly channel: number; readonly sent: boolean }
  >;
  /** Codes of relays that are not for UDP over IPv4, and of a TCP connection to a bridge. */
  readonly kinds: Record<'tcp' | 'ipv6' | 'connection', number>;
  readonly newcomer: { readonly before: boolean; readonly after: boolean; readonly others: boolean };
  readonly withoutOwnRelay: boolean;
  readonly commandLines: string;
  /** Output of coturn during its start. */
  readonly log: string;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
/** Timeout in milliseconds. An echo takes a few. */
const SOON = 500;

for (const { address, port } of [...Object.values(plan.peers), plan.newcomer]) {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
}

/** Receives what is sent to any address of this machine at the targets' port. */
const received: string[] = [];
const anyAddress = createSocket('udp6').on('message', (message) => received.push(message.toString()));
for (const { port } of Object.values(plan.targets).slice(0, 1))
  await new Promise<void>((resolve) => anyAddress.bind(port, '::', resolve));

const passwordOf = (username: string, secret = plan.secret) =>
  createHmac('sha1', secret).update(username).digest('base64');

async function allocated(username: string, password: string): Promise<{ client: TurnClient; code: number }> {
  const client = await TurnClient.connect(plan.edge);
  return { client, code: await client.allocate(username, password) };
}

async function codeFor(username: string, password: string): Promise<number> {
  const { client, code } = await allocated(username, password);
  client.close();
  return code;
}

const participant = await Participant.login({ domain: plan.domain, address: '198.51.100.7' });
const found = await participant.services();
const { username = '', password = '' } = found[0] ?? {};
const [time = '', name = ''] = username.split(':');
const past = `${Math.floor(Date.now() / 1000) - 60}:${name}`;
const allocation = {
  given: await codeFor(username, password),
  'wrong password': await codeFor(username, 'hunter2'),
  expired: await codeFor(past, passwordOf(past)),
  'longer than given': await codeFor(`${Number(time) + 1}:${name}`, password),
  'another name': await codeFor(`${time}:0123456789abcdef`, password),
  'what the metadata component tells unnamed clients': await codeFor('unnamed', 'unnamed'),
  'another secret': await codeFor(username, passwordOf(username, 'the secret of another deployment')),
  nobody: await codeFor('', ''),
};

const peers: Record<string, Answers['peers'][string]> = {};
for (const [name, peer] of Object.entries(plan.peers)) {
  const { client } = await allocated(username, password);
  const permission = await client.permit(peer);
  client.send(peer, name);
  const answered = await client.hears(name, SOON);
  peers[name] = { permission, answered, open: client.isOpen };
  client.close();
}

const targets: Record<string, Answers['targets'][string]> = {};
for (const [name, peer] of Object.entries(plan.targets)) {
  const { client } = await allocated(username, password);
  const permission = await client.permit(peer);
  const channel = await client.bindChannel(peer).catch(() => -1);
  client.send(peer, name);
  client.sendOnChannel(name);
  targets[name] = { permission, channel, sent: false };
  client.close();
}
await new Promise((resolve) => setTimeout(resolve, SOON));
for (const [name, target] of Object.entries(targets))
  targets[name] = { ...target, sent: received.includes(name) };

async function kinds(): Promise<Answers['kinds']> {
  const code = async (kind: { readonly tcp?: boolean; readonly ipv6?: boolean }) => {
    const client = await TurnClient.connect(plan.edge);
    const result = await client.allocate(username, password, kind);
    client.close();
    return result;
  };
  const { client } = await allocated(username, password);
  const { bridge } = plan.peers;
  const connection = bridge ? await client.connectTo(bridge) : 0;
  client.close();
  return { tcp: await code({ tcp: true }), ipv6: await code({ ipv6: true }), connection };
}

/** A bridge that is added while participants use another one. */
async function newcomer(): Promise<Answers['newcomer']> {
  const { client } = await allocated(username, password);
  const { bridge } = plan.peers;
  if (!bridge) throw new Error('no bridge');
  await client.permit(bridge);
  await client.permit(plan.newcomer);
  client.send(plan.newcomer, 'before');
  const before = await client.hears('before', SOON);
  writeFileSync(plan.rules.path, plan.rules.text);
  execFileSync('nft', ['--file', plan.rules.path]);
  client.send(plan.newcomer, 'after');
  const after = await client.hears('after', SOON);
  client.send(bridge, 'others');
  const others = await client.hears('others', SOON);
  client.close();
  return { before, after, others };
}

/** The edge uses another shard's relay once its own has failed the checks. */
async function withoutOwnRelay(): Promise<boolean> {
  execFileSync('pkill', ['-KILL', '-f', 'turnserver.conf']);
  for (let tries = 0; tries < 100; tries++) {
    const code = await codeFor(username, password).catch(() => -1);
    if (code === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

const log = readFileSync('/tmp/log/coturn', 'utf8');
const commandLines = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
const answers: Answers = {
  services: found,
  allocation,
  peers,
  targets,
  kinds: await kinds(),
  newcomer: await newcomer(),
  withoutOwnRelay: await withoutOwnRelay(),
  commandLines,
  log,
};
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
