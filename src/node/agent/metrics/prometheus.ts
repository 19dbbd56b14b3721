import { readFile, statfs } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { loadavg } from 'node:os';
import { hasBridge, type MachineSpec } from '../../../contract/machine-spec.js';
import { PORTS } from '../../../contract/ports.js';
import { sentence } from '../log.js';

/** Milliseconds for a daemon's answer; Prometheus itself gives up after ten seconds. */
const TIMEOUT_MS = 5_000;

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** Where each daemon has its metrics, by the last part of the path below `/metrics/`. */
export function sources(
  spec: Parameters<typeof hasBridge>[0] & Pick<MachineSpec, 'role'>,
): Record<string, string> {
  const at = (port: number) => `http://127.0.0.1:${port}/metrics`;
  return {
    ...(spec.role === 'shard' && {
      haproxy: at(PORTS.edgeMetrics),
      prosody: at(PORTS.prosodyHttp),
      jicofo: at(PORTS.jicofo),
    }),
    ...(hasBridge(spec) && { videobridge: at(PORTS.bridgeRest) }),
    ...(spec.role === 'recorder' && { jibri: at(PORTS.recorderRest) }),
  };
}

/**
 * Serves metrics for Prometheus on the machine's private address: `/metrics/<daemon>` is what this daemon's own exporter
 * says, under its own names, and `/metrics/node` is load, memory and disk under the names of node_exporter.
 */
export function servePrometheus(
  address: string,
  from: Readonly<Record<string, string>>,
  port: number = PORTS.prometheus,
): Promise<Server> {
  const paths = ['node', ...Object.keys(from)].map((name) => `/metrics/${name}`);
  const server = createServer((request, response) => {
    const name = /^\/metrics\/([a-z]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const answer = (status: number, text: string, type = TEXT) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
    if (request.method !== 'GET') return void answer(405, 'use GET\n');
    if (name === 'node') return void nodeMetrics().then((text) => answer(200, text));
    const source = Object.hasOwn(from, name) ? from[name] : undefined;
    if (!source) return void answer(404, `use ${paths.join(', ')}\n`);
    void fetch(source, { signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'text/plain' } })
      .then(async (metrics) =>
        metrics.ok
          ? answer(200, await metrics.text(), metrics.headers.get('content-type') ?? TEXT)
          : answer(502, `${name} answered ${metrics.status}\n`),
      )
      .catch((error: unknown) => answer(502, `${name} does not answer: ${sentence(error)}\n`));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, address, () => resolve(server));
  });
}

/** Load, memory and disk of the machine, in Prometheus's text format. */
async function nodeMetrics(): Promise<string> {
  const [memory, disk] = await Promise.all([readFile('/proc/meminfo', 'utf8'), statfs('/')]);
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(memory)?.[1] ?? 0) * 1024;
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  const root = '{mountpoint="/"}';
  const gauges: readonly (readonly [name: string, value: number])[] = [
    ['node_load1', one],
    ['node_load5', five],
    ['node_load15', fifteen],
    ['node_memory_MemTotal_bytes', bytes('MemTotal')],
    ['node_memory_MemAvailable_bytes', bytes('MemAvailable')],
    [`node_filesystem_size_bytes${root}`, disk.blocks * disk.bsize],
    [`node_filesystem_avail_bytes${root}`, disk.bavail * disk.bsize],
  ];
  return gauges
    .map(([name, value]) => `# TYPE ${name.replace(/\{.*/, '')} gauge\n${name} ${value}\n`)
    .join('');
}
