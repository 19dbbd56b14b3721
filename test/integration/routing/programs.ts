import { PORTS } from '../../../src/contract/ports.js';

/** A fake of Prosody and Jicofo that answers with the client's address and has WebSockets that echo. */
export const SHARD = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const machine = readFileSync('/run/name', 'utf8');
const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', '', ''].join('\\r\\n');
for (const port of [${PORTS.prosodyHttp}, ${PORTS.jicofo}]) {
  createServer((request, response) => {
    response.end(JSON.stringify({ machine, client: request.headers['x-forwarded-for'] }));
  }).on('upgrade', (request, socket) => {
    socket.on('error', () => {}).write(head);
    socket.pipe(socket);
  }).listen(port, '127.0.0.1');
}
`;

/** The key that {@link SHARD} answers. */
export const WEBSOCKET_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A fake of the agent that reports the state in a file. */
export const AGENT = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
createServer((socket) => socket.on('error', () => {}).end(readFileSync('/run/shard-state'))).listen(${PORTS.agentCheck});
`;

/** Sends a command to HAProxy's socket and writes the answer; nothing if HAProxy does not run. */
export const ASK_HAPROXY = `
import { connect } from 'node:net';
const [path, question] = process.argv.slice(2);
connect(path).on('error', () => {}).on('data', (part) => process.stdout.write(part)).write(question + '\\n');
`;
