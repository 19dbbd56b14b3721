import { createServer, type Server } from 'node:http';
import type { DesiredState } from './emulated-state.js';
import { answerMetadata, Tokens } from './metadata.js';

/** Serves EC2's metadata on a unix socket; the balancer passes the address of the requesting machine. */
export function serveMetadata(socket: string, desired: () => DesiredState): Server {
  const tokens = new Tokens();
  return createServer((request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const answer = answerMetadata(
      {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        headers,
        source: headers['x-convoke-source'] ?? '',
      },
      desired(),
      tokens,
      new Date(),
    );
    response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(answer.body);
  }).listen(socket);
}
