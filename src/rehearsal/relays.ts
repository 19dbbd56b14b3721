import { connect, createServer, type Server } from 'node:net';

/** From a unix socket, which the rehearsal's network can reach, to a port of this machine's loopback, which it cannot. */
export function relay(socket: string, port: number): Server {
  return createServer((client) => splice(client, connect(port, '127.0.0.1'))).listen(socket);
}

/** From loopback to the balancer. */
export function door(port: number, socket: string): Server {
  return createServer((client) => splice(client, connect(socket))).listen(port, '127.0.0.1');
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
