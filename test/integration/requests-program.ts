import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { PORTS } from '../../src/contract/ports.js';

/** Runs on a shard with HAProxy and nginx: sends requests byte by byte, in place of Prosody and the agent receives them. */
export interface Plan {
  /** Names of requests, and their text. */
  readonly requests: Readonly<Record<string, string>>;
}

export interface Received {
  readonly url: string;
  readonly network: string;
  readonly body: string;
  /** `X-Proxy-Region`; empty if there is none. */
  readonly region: string;
}

export interface Answer {
  /** Status of each answer on the connection. */
  readonly statuses: readonly string[];
  readonly location: string;
  /** What reached Prosody or the agent. */
  readonly received: readonly Received[];
}

const { requests } = JSON.parse(readFileSync(0, 'utf8')) as Plan;
/** For answers that do not come. */
const PATIENCE = 1_000;

let received: Received[] = [];
await Promise.all(
  [PORTS.prosodyHttp, PORTS.access].map(
    (port) =>
      new Promise<void>((resolve) => {
        createServer((request, response) => {
          let body = '';
          request.setEncoding('utf8').on('data', (part: string) => {
            body += part;
          });
          request.on('end', () => {
            const network = String(request.headers['x-convoke-network']);
            const region = String(request.headers['x-proxy-region'] ?? '');
            received.push({ url: request.url ?? '', network, body, region });
            response.end('received');
          });
        }).listen(port, '127.0.0.1', resolve);
      }),
  ),
);

/** Sends a request; resolves with everything that came when the connection has been silent for a while. */
const exchange = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let came = '';
    const socket = connect(PORTS.edge, '127.0.0.1');
    const done = () => {
      socket.destroy();
      resolve(came);
    };
    let timer = setTimeout(done, PATIENCE);
    socket.on('data', (data) => {
      came += data.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(done, PATIENCE / 4);
    });
    socket.once('close', done);
    socket.on('error', done);
    socket.write(Buffer.from(text, 'latin1'));
  });

const answers: Record<string, Answer> = {};
for (const [name, text] of Object.entries(requests)) {
  received = [];
  const came = await exchange(text);
  answers[name] = {
    statuses: [...came.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status = '']) => status),
    location: /^location: (.*?)\r$/im.exec(came)?.[1] ?? '',
    received,
  };
}
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
