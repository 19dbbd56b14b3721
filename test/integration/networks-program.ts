import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PORTS } from '../../src/contract/ports.js';

/** Runs on a shard with HAProxy and nginx, in place of Prosody: keeps requests of one network open while many others come. */
export interface Networks {
  /** Status of one more request of the network, before and after the others came. */
  readonly before: string;
  readonly after: string;
  /** Statuses of a request of each of the others. */
  readonly others: readonly string[];
}

const LIMIT = Number(process.argv[2]);
const OTHERS = Number(process.argv[3]);

createServer((request, response) => {
  if (!request.url?.includes('waits')) response.end('answered');
}).listen(PORTS.prosodyHttp, '127.0.0.1');

const open: Socket[] = [];
/** Resolves with the status of the answer. */
const send = (address: string, room: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(PORTS.edge, '127.0.0.1');
    open.push(socket);
    socket.once('data', (data) => resolve(data.toString().slice(9, 12))).once('close', () => resolve(''));
    socket.on('error', () => {});
    socket.write(`GET /http-bind?room=${room} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\n\r\n`);
  });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (let n = 0; n < LIMIT; n++) void send('198.51.100.66', 'waits');
await pause(1_000);
const before = await send('198.51.100.66', 'x');
const others: string[] = [];
for (let n = 0; n < OTHERS; n++) others.push(await send(`203.0.${n >> 8}.${n & 255}`, 'x'));
const networks: Networks = { before, after: await send('198.51.100.66', 'x'), others };
process.stdout.write(`\nANSWERS ${JSON.stringify(networks)}\n`);
process.exit(0);
