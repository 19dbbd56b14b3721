import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join, normalize } from 'node:path';
import { generate } from 'selfsigned';
import type { EndpointOverride } from '../../../src/cloud/account.js';

export interface Ingress {
  readonly endpointOverride: EndpointOverride;
  /** Responses that replace the shard's, by path; a number is a status. */
  readonly instead: Map<string, string | number>;
  /** From now on, names another shard in responses. */
  moveTo(shard: string): void;
  /** Closes all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** TLS, the static page, Prosody and the focus: replaces load balancer, HAProxy and nginx of a shard. */
export async function openIngress(options: {
  domain: string;
  pages: string;
  prosody: number;
  focus: number;
  shard: string;
}): Promise<Ingress> {
  const { domain, pages, prosody, focus } = options;
  let { shard } = options;
  const certificate = await generate([{ name: 'commonName', value: domain }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: domain }] }],
  });
  const instead = new Map<string, string | number>();
  const config = `var config = ${JSON.stringify({
    hosts: { domain },
    deploymentInfo: { shard },
    websocketKeepAlive: 1_000,
    testing: { enableGracefulReconnect: true },
  })};
var subdir = '';
config.hosts.muc = 'conference.' + config.hosts.domain;
config.bosh = 'https://${domain}/' + subdir + 'http-bind';
config.websocket = 'wss://${domain}/' + subdir + 'xmpp-websocket';
config.conferenceRequestUrl = 'https://${domain}/' + subdir + 'conference-request/v1';
`;
  const file = (path: string): Promise<string> =>
    path === '/config.js' ? Promise.resolve(config) : readFile(join(pages, normalize(path)), 'utf8');
  const upstream = (path: string): number | undefined =>
    path === '/http-bind' || path === '/xmpp-websocket'
      ? prosody
      : path === '/conference-request/v1'
        ? focus
        : undefined;

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { pathname } = new URL(incoming.url ?? '/', `https://${domain}`);
    outgoing.setHeader('x-jitsi-shard', shard);
    const other = instead.get(pathname);
    if (typeof other === 'number') return outgoing.writeHead(other).end();
    if (other !== undefined) return outgoing.end(other);
    const port = upstream(pathname);
    if (port !== undefined) return pass(incoming, outgoing, port, domain);
    const text = await file(pathname).catch(() => withIncludes('/index.html', file));
    return outgoing.writeHead(200, { 'content-type': 'text/html' }).end(text);
  };
  const server = createServer({ key: certificate.private, cert: certificate.cert }, (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  server.on('upgrade', (incoming, socket, head) => {
    const other = instead.get(new URL(incoming.url ?? '/', `https://${domain}`).pathname);
    if (typeof other === 'number') return socket.end(`HTTP/1.1 ${other} Instead\r\n\r\n`);
    const to = connect(prosody, '127.0.0.1', () => {
      const headers = { ...incoming.headers, host: domain };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      to.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      to.write(head);
      socket.pipe(to);
      // The header is added to Prosody's response, as HAProxy does.
      to.once('data', (first: Buffer) => {
        socket.write(first.toString('latin1').replace('\r\n', `\r\nx-jitsi-shard: ${shard}\r\n`), 'latin1');
        to.pipe(socket);
      });
    });
    to.on('error', () => socket.destroy());
    socket.on('error', () => to.destroy());
    socket.on('close', () => to.destroy());
  });
  // The server does not close sockets that have become WebSockets.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    moveTo(other) {
      shard = other;
    },
    cut,
    endpointOverride: { address: '127.0.0.1', port, authority: certificate.cert },
    instead,
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number, host: string): void {
  const { method, url, headers } = incoming;
  const onward = request(
    { host: '127.0.0.1', port, method, path: url, headers: { ...headers, host } },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.writeHead(502).end());
  incoming.pipe(onward);
}

async function withIncludes(path: string, file: (path: string) => Promise<string>): Promise<string> {
  let text = await file(path);
  for (const [whole, name = ''] of text.matchAll(/<!--#include virtual="([^"]+)" -->/g)) {
    text = text.replace(whole, await file(name.startsWith('/') ? name : `/${name}`));
  }
  return text;
}
