import { createServer, type Server } from 'node:http';
import { PORTS } from '../ports.js';
import type { Figure } from './figures.js';
import type { Health } from './health.js';
import type { Observation } from './observation.js';

/** What the agent tells on loopback: `/health` all of it, `/health/edge|shard|machine` one verdict with 200 or 503. */
export interface State {
  readonly at: string;
  readonly health: Health;
  readonly figures: readonly Figure[];
  readonly seen: Observation;
}

/** `current` gives undefined until the first round is over. */
export function serve(current: () => State | undefined, port: number = PORTS.agent): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '/', current());
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify(body)}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

export function answer(url: string, state: State | undefined): { status: number; body: unknown } {
  const [, area, question] = url.split('?')[0]?.split('/') ?? [];
  if (area !== 'health') return { status: 404, body: { error: 'ask for /health' } };
  if (!state) return { status: 503, body: { error: 'nothing has been seen yet' } };
  if (question === undefined || question === '') {
    const healthy = Object.values(state.health).every((verdict) => verdict.healthy);
    return { status: healthy ? 200 : 503, body: state };
  }
  if (question !== 'edge' && question !== 'shard' && question !== 'machine') {
    return { status: 404, body: { error: 'ask for edge, shard or machine' } };
  }
  const verdict = state.health[question];
  return { status: verdict.healthy ? 200 : 503, body: verdict };
}
