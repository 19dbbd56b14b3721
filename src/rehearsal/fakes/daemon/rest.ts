import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
}

export interface Request {
  readonly query: URLSearchParams;
  /** Read on demand, in the character set that the request names. Undefined if it is not JSON. */
  json(): Promise<unknown>;
}

/** Handlers by method and path, such as `GET /about/health`. Anything else is 404, like a disabled REST API. */
export type Routes = Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>;

/** `threads`: maximum number of concurrent requests. Default: unlimited. */
export async function serveRest(
  host: string,
  port: number,
  routes: Routes,
  threads?: number,
): Promise<Server> {
  const takeTurns = threads === undefined ? atOnce : inTurns(threads);
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const route = routes[`${incoming.method} ${url.pathname}`];
    const request: Request = { query: url.searchParams, json: () => readJson(incoming) };
    void takeTurns(incoming.socket, () => answer(route, request)).then(({ status, body }) => {
      const text = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body);
      const type = typeof body === 'object' ? 'application/json' : 'text/plain; charset=utf-8';
      outgoing.writeHead(status, { 'content-type': type }).end(text);
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

type TakeTurns = (socket: Socket, act: () => Promise<Answer>) => Promise<Answer>;

const atOnce: TakeTurns = (_, act) => act();

/**
 * As in Netty, Jicofo's HTTP server: each connection is assigned to one of the threads, and a thread that waits blocks its
 * other connections.
 */
function inTurns(threads: number): TakeTurns {
  const last: Promise<unknown>[] = Array.from({ length: threads }, () => Promise.resolve());
  const threadOf = new WeakMap<Socket, number>();
  let connections = 0;
  return (socket, act) => {
    const thread = threadOf.get(socket) ?? connections++ % threads;
    threadOf.set(socket, thread);
    const answered = (last[thread] ?? Promise.resolve()).then(act);
    last[thread] = answered;
    return answered;
  };
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
    const charset = /charset="?([\w-]+)/i.exec(incoming.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
    return firstValue(new TextDecoder(charset).decode(Buffer.concat(chunks)));
  } catch {
    return undefined;
  }
}

/** As Jackson, Jicofo's JSON parser: text after the value is ignored. */
function firstValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const end = /after JSON at position (\d+)/.exec(String(error))?.[1];
    if (end === undefined) throw error;
    return JSON.parse(text.slice(0, Number(end)));
  }
}

/** Metrics in Prometheus's text format, each a gauge with the prefix that the real daemon uses. */
export function prometheus(prefix: string, measurements: Readonly<Record<string, number>>): string {
  return Object.entries(measurements)
    .map(
      ([name, value]) =>
        `# HELP ${prefix}_${name} Counted by a fake.\n# TYPE ${prefix}_${name} gauge\n${prefix}_${name} ${value}\n`,
    )
    .join('');
}
