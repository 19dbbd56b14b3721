import { createServer, type Server } from 'node:net';
import { PORTS } from '../../../contract/ports.js';
import { AGENT_CHECK_REPLY, type ShardState } from './shard-state.js';

/**
 * HAProxy's agent check: each edge connects every two seconds, reads a line and applies it to this shard. An empty
 * reply is not a failure: it changes nothing.
 */
export function serveAgentCheck(
  address: string,
  state: () => ShardState | undefined,
  port: number = PORTS.agentCheck,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const current = state();
    socket.end(current === undefined ? '' : `${AGENT_CHECK_REPLY[current]}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}
