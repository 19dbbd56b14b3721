import { createServer, type Server } from 'node:net';
import { PORTS } from '../../../contract/ports.js';
import { AGENT_CHECK_REPLY, type ShardState } from './shard-state.js';

/**
 * HAProxy's agent check: each edge connects every two seconds, reads a line, and does with this shard what it says. To
 * say nothing is no failure: it leaves the shard as it was.
 */
export function serveAgentCheck(
  address: string,
  word: () => ShardState | undefined,
  port: number = PORTS.agentCheck,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const said = word();
    socket.end(said === undefined ? '' : `${AGENT_CHECK_REPLY[said]}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}
