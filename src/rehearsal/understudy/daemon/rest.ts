import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
}

export interface Request {
  readonly query: URLSearchParams;
  /** Read on demand. Undefined when it is no JSON. */
  json(): Promise<unknown>;
}

/** By method and path, such as `GET /about/health`. Anything else is 404, like a REST API that is switched off. */
export type Routes = Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>;

export async function serveRest(host: string, port: number, routes: Routes): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const route = routes[`${incoming.method} ${url.pathname}`];
    const request: Request = { query: url.searchParams, json: () => readJson(incoming) };
    void answer(route, request).then(({ status, body }) => {
      const text = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body);
      const type = typeof body === 'object' ? 'application/json' : 'text/plain; charset=utf-8';
      outgoing.writeHead(status, { 'content-type': type }).end(text);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

async function answer(route: Routes[string] | undefined, request: Request): Promise<Answer> {
  try {
    return route ? await route(request) : { status: 404 };
  } catch (error) {
    return { status: 500, body: String(error) };
  }
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

/** Figures in Prometheus's text format, each a gauge with the prefix that the real daemon uses. */
export function prometheus(prefix: string, figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(
      ([name, value]) =>
        `# HELP ${prefix}_${name} Counted by an understudy.\n# TYPE ${prefix}_${name} gauge\n${prefix}_${name} ${value}\n`,
    )
    .join('');
}
