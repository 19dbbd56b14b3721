import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { PORTS } from '../../../src/contract/ports.js';

/** Runs on the shard: opens as many connections for TURN as the edge has, and requests the page meanwhile. */
export interface Crowd {
  /** Statuses of requests to the edge; 0 for one without an answer. */
  readonly page: readonly number[];
  readonly opened: number;
}

/** More than HAProxy has connections in total. */
const MANY = 10_500;
/** How long they have to be accepted, in milliseconds. The kernel keeps what HAProxy does not accept. */
const OPENING = 10_000;

const sockets: Socket[] = [];
for (let n = 0; n < MANY; n++) {
  const socket = connect(PORTS.turn, '127.0.0.1');
  // The first byte of a request. HAProxy forwards no connection without data.
  socket.on('error', () => {}).once('connect', () => socket.write('\0'));
  sockets.push(socket);
  if (n % 200 === 0) await wait(20);
}
await wait(OPENING);

const page: number[] = [];
for (let n = 0; n < 5; n++) {
  const answer = await fetch('http://127.0.0.1/', {
    headers: { 'x-forwarded-for': '203.0.113.9', connection: 'close' },
    signal: AbortSignal.timeout(3_000),
  }).catch(() => undefined);
  page.push(answer?.status ?? 0);
}
const opened = sockets.filter(({ readyState }) => readyState === 'open').length;
process.stdout.write(`\nANSWERS ${JSON.stringify({ page, opened } satisfies Crowd)}\n`);
process.exit(0);
