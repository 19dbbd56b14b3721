import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer, type Server } from 'node:net';

/** From a unix socket, which the rehearsal's network can reach, to a port of this machine's loopback, which it cannot. */
export function relay(socket: string, port: number): Server {
  return createServer((client) => splice(client, connect(port, '127.0.0.1'))).listen(socket);
}

/** From loopback to the balancer. */
export function door(port: number, socket: string): Server {
  return createServer((client) => splice(client, connect(socket))).listen(port, '127.0.0.1');
}

/** Longest that the resolver is waited for; it answers at once, or is just being replaced. */
const ANSWER_PATIENCE_MS = 2_000;

/**
 * From loopback, by UDP, to the rehearsal's resolver. A question and its answer are a packet each; over a stream, each
 * stands behind its length (RFC 1035, 4.2.2).
 */
export function nameDoor(port: number, socket: string): Socket {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    let said = Buffer.alloc(0);
    const stream = connect(socket, () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(question.length);
      stream.write(Buffer.concat([length, question]));
    });
    stream.setTimeout(ANSWER_PATIENCE_MS, () => stream.destroy());
    // Whoever asked asks again.
    stream.on('error', () => stream.destroy());
    stream.on('data', (data) => {
      said = Buffer.concat([said, data]);
      if (said.length < 2 || said.length < 2 + said.readUInt16BE()) return;
      server.send(said.subarray(2, 2 + said.readUInt16BE()), from.port, from.address);
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
