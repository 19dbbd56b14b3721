import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import script from '../../page/status-page.text.js';
import type { Live } from '../../page/status-view.js';

export interface WebOptions {
  /** Reads what the page shows. */
  readonly read: () => Promise<Live>;
  /** Waits until the next reading; rejects when the signal aborts. */
  readonly pause: () => Promise<void>;
  /** 0: a free one. */
  readonly port: number;
  readonly signal: AbortSignal;
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>convoke status</title><link rel="icon" href="data:,"><body></body><script src="page.js"></script></html>`;

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * Serves the page on loopback, at an address that other users of this machine cannot guess. It reads the status only while
 * a page is open. Resolves when it listens.
 */
export async function serve(
  options: WebOptions,
): Promise<{ readonly url: string; readonly closed: Promise<void> }> {
  const secret = randomBytes(16).toString('hex');
  const pages = new Set<ServerResponse>();
  let wake = () => {};
  const server = createServer((request, response) => {
    const path =
      known(request) && request.url?.startsWith(`/${secret}/`) && request.url.slice(secret.length + 2);
    const send = (type: string, body: string) =>
      response.writeHead(200, { ...HEADERS, 'content-type': type }).end(body);
    if (request.method !== 'GET' || path === false || path === undefined)
      response.writeHead(404, HEADERS).end();
    else if (path === '') send('text/html; charset=utf-8', PAGE);
    else if (path === 'page.js') send('text/javascript; charset=utf-8', script);
    else if (path === 'live') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
      response.on('close', () => pages.delete(response));
      pages.add(response);
      wake();
    } else response.writeHead(404, HEADERS).end();
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  /** A page of another site could send requests to this address under a name of its own. */
  function known({ headers }: IncomingMessage): boolean {
    return [`127.0.0.1:${port}`, `localhost:${port}`].includes(headers.host ?? '');
  }
  const tell = (event: string, data: unknown) => {
    for (const page of pages) page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  async function follow(): Promise<void> {
    while (!options.signal.aborted) {
      if (pages.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          options.signal.addEventListener('abort', () => resolve(), { once: true });
        });
        continue;
      }
      try {
        tell('message', await options.read());
      } catch {
        tell('failed', true);
      }
      await options.pause().catch(() => {});
    }
    server.close();
    server.closeAllConnections();
  }
  return { url: `http://127.0.0.1:${port}/${secret}/`, closed: follow() };
}
