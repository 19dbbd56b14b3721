import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import fc from 'fast-check';
import WebSocket from 'ws';
import { type Conversation, conversations, requests, wellFormed } from './inputs.js';
import { Attack, type Attacked, type Target } from './task.js';

/**
 * A process that sends inputs for the given time, and prints the number of each answer as one line of JSON. Each lane has its
 * own address on loopback, as participants have on the internet.
 */

/** Timeout of an input in milliseconds. A timeout counts as an answer. */
const PATIENCE = 8_000;
/** Number of inputs that are generated from a seed. */
const BATCH = 50;

const attack = Attack.parse(JSON.parse(process.argv[2] ?? ''));
const end = Date.now() + attack.seconds * 1_000;
const answered: Attacked = { inputs: 0, answers: {} };

/** Connects from the lane's address. */
const dial = ({ balancer, domain }: Target, lane: number) =>
  connect({
    socket: connectTcp({
      host: balancer.address,
      port: balancer.port,
      localAddress: `127.1.${Math.floor(lane / 250)}.${1 + (lane % 250)}`,
    }).on('error', () => {}),
    servername: domain,
    ca: balancer.authority,
    ALPNProtocols: ['http/1.1'],
  });

function exchange(bytes: Buffer, lane: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = dial(attack.target, lane);
    const done = (answer: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done('silence'), PATIENCE);
    socket.once('secureConnect', () => socket.write(bytes));
    socket.once('data', (data) =>
      done(/^HTTP\/1\.1 (\d{3})/.exec(data.toString('latin1'))?.[1] ?? 'no HTTP'),
    );
    socket.once('close', () => done('closed'));
    socket.on('error', () => done('closed'));
  });
}

const login = (domain: string): string[] => [
  `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`,
  '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>',
  `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`,
  '<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>',
];

function converse({ query, login: first, frames }: Conversation, lane: number): Promise<string> {
  const { target } = attack;
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `wss://${target.domain}/xmpp-websocket?${encodeURI(wellFormed(query))}`,
      'xmpp',
      {
        createConnection: () => dial(target, lane),
      },
    );
    const waiting = [...(first ? login(target.domain) : []), ...frames];
    let heard = 0;
    const done = (answer: string) => {
      clearTimeout(timer);
      socket.terminate();
      resolve(answer);
    };
    const timer = setTimeout(() => done(heard > 0 ? 'answered' : 'silence'), PATIENCE);
    const next = () => {
      const frame = waiting.shift();
      if (frame === undefined) setTimeout(() => done('answered'), 300);
      else socket.send(frame, () => setTimeout(next, 40));
    };
    socket.once('open', next);
    socket.on('message', () => heard++);
    socket.once('unexpected-response', (_, { statusCode }) => done(String(statusCode)));
    socket.once('close', () => done('closed'));
    socket.on('error', () => done('closed'));
  });
}

async function runLane(lane: number): Promise<void> {
  const { channel, target, seed } = attack;
  for (let batch = 0; Date.now() < end; batch++) {
    const options = { numRuns: BATCH, seed: seed + lane * 100_003 + batch };
    const sending =
      channel === 'websocket'
        ? fc.sample(conversations(target), options).map((one) => () => converse(one, lane))
        : fc.sample(requests[channel](target), options).map((bytes) => () => exchange(bytes, lane));
    for (const send of sending) {
      if (Date.now() >= end) return;
      const answer = await send().catch(() => 'not sent');
      answered.inputs++;
      answered.answers[answer] = (answered.answers[answer] ?? 0) + 1;
    }
  }
}

await Promise.all(Array.from({ length: attack.lanes }, (_, lane) => runLane(lane)));
process.stdout.write(`${JSON.stringify(answered)}\n`);
process.exit(0);
