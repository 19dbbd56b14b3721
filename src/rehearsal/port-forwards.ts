import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';

/**
 * Forwards a unix socket, which the rehearsal's network namespace can reach, to a loopback port of this machine,
 * which it cannot.
 */
export function forwardSocket(socket: string, port: number): Server {
  return createServer((client) => splice(client, connect(port, '127.0.0.1'))).listen(socket);
}

/** Forwards a loopback port to a unix socket of the balancer. */
export function forwardTcp(port: number, socket: string): Server {
  return createServer((client) => splice(client, connect(socket))).listen(port, '127.0.0.1');
}

/** Timeout for the resolver, which answers at once unless it is being replaced. */
const ANSWER_TIMEOUT_MS = 2_000;

/**
 * Forwards DNS queries from UDP on loopback to the rehearsal's resolver over a stream, where each message is preceded
 * by its length (RFC 1035, 4.2.2).
 */
export function forwardDns(port: number, socket: string): Socket {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    let received = Buffer.alloc(0);
    const stream = connect(socket, () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      stream.write(Buffer.concat([length, query]));
    });
    stream.setTimeout(ANSWER_TIMEOUT_MS, () => stream.destroy());
    // The client retries.
    stream.on('error', () => stream.destroy());
    stream.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
      server.send(received.subarray(2, 2 + received.readUInt16BE()), from.port, from.address);
      stream.destroy();
    });
  });
  return server.bind(port, '127.0.0.1');
}

function splice(a: ReturnType<typeof connect>, b: ReturnType<typeof connect>): void {
  a.pipe(b).pipe(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
