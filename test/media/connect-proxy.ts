import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';

/** The only port that the proxy connects to. */
const ALLOWED_PORT = 443;

/**
 * An HTTP proxy that knows `CONNECT` and nothing else, as in many companies. Writes each `host:port` that is asked for to
 * the standard output. `names`: addresses by name; other names and ports are refused.
 */
export async function connectProxy(options: {
  readonly host: string;
  readonly port: number;
  readonly names: Readonly<Record<string, string>>;
}): Promise<void> {
  const { host, port, names } = options;
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }, client: Socket, head: Buffer) => {
    process.stdout.write(`${url}\n`);
    const [, name = '', wanted] = /^(.*):(\d+)$/.exec(url) ?? [];
    const address = names[name];
    if (!address || Number(wanted) !== ALLOWED_PORT) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(ALLOWED_PORT, address, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
}
