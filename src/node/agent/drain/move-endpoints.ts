import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import { PORTS } from '../../../contract/ports.js';
import type { ClusterMember } from '../../facts.js';
import type { Jicofo, Moved, SeenBridge } from '../daemons/jicofo.js';
import type { Shard } from '../daemons/muc-clients.js';

const Answer = z.object({ movedEndpoints: z.number().default(0), error: z.string().optional() });

/**
 * Asks a shard to move this bridge's participants to other bridges. Returns how many it moved; rejects with the
 * shard's reason for moving none.
 */
export async function requestMove(
  shard: Shard,
  bridge: string,
  port: number = PORTS.agentForBridges,
): Promise<number> {
  const response = await fetch(
    `http://${shard.privateAddress}:${port}/move?bridge=${encodeURIComponent(bridge)}`,
    {
      method: 'POST',
      signal: AbortSignal.timeout(15_000),
    },
  );
  const { movedEndpoints, error } = Answer.parse(await response.json());
  if (!response.ok) throw new Error(error ?? `the shard answered ${response.status}`);
  return movedEndpoints;
}

/**
 * Serves `POST /move?bridge=<instance id>` to bridges. The request has to come from the bridge's own address, so a
 * bridge can only have its own participants moved.
 */
export function serveMoveRequests(
  address: string,
  known: () => readonly ClusterMember[] | undefined,
  focus: Jicofo,
  port: number = PORTS.agentForBridges,
): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shard');
    const bridge = searchParams.get('bridge');
    const from = request.socket.remoteAddress;
    const answer =
      request.method !== 'POST' || pathname !== '/move'
        ? Promise.resolve(refusal(404, 'use POST /move'))
        : bridge === null || !isAt(bridge, from, known())
          ? Promise.resolve(refusal(403, `bridge ${bridge} is not known at ${from}`))
          : move(bridge, focus);
    void answer.then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}

export function isAt(
  bridge: string,
  from: string | undefined,
  known: readonly ClusterMember[] | undefined,
): boolean {
  return (known ?? []).some(
    (other) => other.role === 'bridge' && other.instanceId === bridge && other.privateAddress === from,
  );
}

/** Why Jicofo would put participants back on the same bridge, which would interrupt their video for nothing. */
export function moveObjection(
  bridge: string,
  bridges: Readonly<Record<string, SeenBridge>>,
): string | undefined {
  // Videobridge sends its presence every 5 s.
  if (bridges[bridge]?.drain === false) return 'Jicofo does not know yet that this bridge drains';
  const takesPeople = ([name, { operational, drain }]: [string, SeenBridge]) =>
    name !== bridge && operational && !drain;
  return Object.entries(bridges).some(takesPeople) ? undefined : 'no other bridge accepts participants';
}

interface Reply {
  readonly status: number;
  readonly body: Moved | { readonly error: string };
}

const refusal = (status: number, error: string): Reply => ({ status, body: { error } });

async function move(bridge: string, focus: Jicofo): Promise<Reply> {
  try {
    const bridges = await focus.bridges();
    const why = bridges && moveObjection(bridge, bridges);
    if (why) return refusal(409, why);
    const moved = await focus.moveAllFrom(bridge);
    return moved ? { status: 200, body: moved } : refusal(404, 'Jicofo does not know this bridge');
  } catch (error) {
    return refusal(502, `Jicofo is not reachable: ${String(error)}`);
  }
}
