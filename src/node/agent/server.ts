import { createServer, type Server } from 'node:http';
import { PORTS } from '../../contract/ports.js';
import type { ClusterMember } from '../facts.js';
import type { Verdict } from './health/health.js';
import type { MetricValue } from './metrics/metrics.js';

/** What the agent tells on loopback: `/health` all of it, `/health/<question>` one verdict with 200 or 503. */
export interface State {
  readonly at: string;
  /** Verdicts by question: `edge`, `shard` and `machine` of a shard, `bridge` and `machine` of a bridge. */
  readonly health: Readonly<Record<string, Verdict>>;
  readonly metrics: readonly MetricValue[];
  readonly seen: unknown;
  /** Other machines, as far as they were looked for. */
  readonly members?: readonly ClusterMember[] | undefined;
  /** Why it is leaving, while it is. */
  readonly drainLoop?: string | undefined;
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
  const verdict = Object.hasOwn(state.health, question) ? state.health[question] : undefined;
  if (!verdict) return { status: 404, body: { error: `ask for ${Object.keys(state.health).join(', ')}` } };
  return { status: verdict.healthy ? 200 : 503, body: verdict };
}
