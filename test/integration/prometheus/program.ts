/** Reads each page of metrics as Prometheus would, with the agent's server on the machine's private address. */
import { text } from 'node:stream/consumers';
import { servePrometheus, sources } from '../../../src/node/agent/metrics/prometheus.js';

const { address, port } = JSON.parse(await text(process.stdin)) as { address: string; port: number };
const server = await servePrometheus(address, sources({ role: 'shard', colocatedBridge: true }), port);
const found: Record<string, { status: number; body: string }> = {};
for (const name of [
  'node',
  'haproxy',
  'prosody',
  'jicofo',
  'videobridge',
  'other',
  '../health',
  'constructor',
]) {
  const answer = await fetch(`http://${address}:${port}/metrics/${name}`);
  found[name] = { status: answer.status, body: await answer.text() };
}
const posted = await fetch(`http://${address}:${port}/metrics/node`, { method: 'POST' });
found.posted = { status: posted.status, body: await posted.text() };
// What the load balancer forwards must not reach any of them.
for (const path of ['/metrics', '/metrics/node', '/xmpp-websocket/../metrics']) {
  const answer = await fetch(`http://127.0.0.1${path}`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  found[`edge ${path}`] = { status: answer.status, body: await answer.text() };
}
console.log(`ANSWERS ${JSON.stringify(found)}`);
server.close();
