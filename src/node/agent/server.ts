import { createServer, type Server } from 'node:http';
import { PORTS } from '../../contract/ports.js';
import type { ClusterMember } from '../facts.js';
import type { Verdict } from './health/health.js';
import type { MetricValue } from './metrics/metrics.js';

/** Served on loopback: `/health` is the whole state, `/health/<question>` one verdict, with status 200 or 503. */
export interface State {
  readonly at: string;
  /** Verdicts by question: `edge`, `shard` and `machine` of a shard, `bridge` and `machine` of a bridge. */
  readonly health: Readonly<Record<string, Verdict>>;
  readonly metrics: readonly MetricValue[];
  readonly seen: unknown;
  /** Other machines, if this deployment has several. */
  readonly members?: readonly ClusterMember[] | undefined;
  /** Why the machine is draining, while it is. */
  readonly draining?: string | undefined;
}

/** `current` returns undefined until the first check is complete. */
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
  if (area !== 'health') return { status: 404, body: { error: 'use /health' } };
  if (!state) return { status: 503, body: { error: 'the first health check is not complete yet' } };
  if (question === undefined || question === '') {
    const healthy = Object.values(state.health).every((verdict) => verdict.healthy);
    return { status: healthy ? 200 : 503, body: state };
  }
  const verdict = Object.hasOwn(state.health, question) ? state.health[question] : undefined;
  if (!verdict)
    return { status: 404, body: { error: `known questions: ${Object.keys(state.health).join(', ')}` } };
  return { status: verdict.healthy ? 200 : 503, body: verdict };
}
