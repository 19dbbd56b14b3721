import { createServer, type Server } from 'node:net';
import { PORTS } from '../ports.js';
import { LINES, type Word } from './shard-word.js';

/**
 * HAProxy's agent check: each edge connects every two seconds, reads a line, and does with this shard what it says. To
 * say nothing is no failure: it leaves the shard as it was.
 */
export function serveAgentCheck(
  address: string,
  word: () => Word | undefined,
  port: number = PORTS.agentCheck,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const said = word();
    socket.end(said === undefined ? '' : `${LINES[said]}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}
