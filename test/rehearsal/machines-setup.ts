import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { request } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ExecaError } from 'execa';
import pWaitFor from 'p-wait-for';
import { startAptProxy } from '../../src/rehearsal/apt-proxy.js';
import { Authority } from '../../src/rehearsal/certificate-authority.js';
import { DnsAndBalancer } from '../../src/rehearsal/dns-and-balancer.js';
import type { ActualState, DesiredState } from '../../src/rehearsal/emulated-state.js';
import { debianImage } from '../../src/rehearsal/image.js';
import { Machines } from '../../src/rehearsal/machines.js';
import { serveMetadata } from '../../src/rehearsal/metadata-server.js';
import { makeNetwork, removeNetwork, SecurityGroups } from '../../src/rehearsal/network.js';
import { paths, type Resources, resourcesOf } from '../../src/rehearsal/paths.js';
import { Podman, removeContainers } from '../../src/rehearsal/podman.js';
import { sampleState } from '../sample-state.js';

/** A web server that returns its name; `/health` returns 200 while the file `/run/well` exists, `/ws` is a WebSocket that echoes. */
const webServer = (name: string) => `
import base64, hashlib, http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        if self.path == '/ws':
            self.send_response(101)
            self.send_header('Upgrade', 'websocket')
            self.send_header('Connection', 'Upgrade')
            key = self.headers['Sec-WebSocket-Key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
            self.send_header('Sec-WebSocket-Accept', base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
            self.end_headers()
            while data := self.connection.recv(100):
                self.connection.sendall(data)
            self.close_connection = True
            return
        well = os.path.exists('/run/well')
        body = b'${name}'
        self.send_response(200 if well or self.path != '/health' else 503)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 80), Handler).serve_forever()
`;

/**
 * Waits until a condition holds. While it cannot be evaluated, for example because a file does not exist yet, it does not hold;
 * after the timeout, the last error is thrown.
 */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  let cause: unknown;
  const look = async () => {
    try {
      return await condition();
    } catch (error) {
      cause = error;
      return false;
    }
  };
  await pWaitFor(look, { interval: 100, timeout: 120_000 }).catch((error: Error) => {
    throw new Error(error.message, { cause });
  });
}

/** Machines, network and load balancer of a rehearsal, with the test as their control plane. */
export class StageOfMachines {
  desired: DesiredState = sampleState({ instances: [], targetGroups: [], balancers: [] });
  private metadata: Server | undefined;
  private readonly children: Parameters<DnsAndBalancer['start']>[0] = [];

  private constructor(
    readonly resources: Resources,
    readonly podman: Podman,
    readonly machines: Machines,
    private readonly instance: DnsAndBalancer,
    private readonly groups: SecurityGroups,
    private readonly authority: Authority,
  ) {}

  static async start(): Promise<StageOfMachines> {
    // Only images are shared, in the cache. Everything else is in a separate folder, apart from a running rehearsal.
    const where = { cache: paths().cache, run: mkdtempSync(join(tmpdir(), 'convoke-machines-')) };
    mkdirSync(where.cache, { recursive: true });
    const resources = resourcesOf(where);
    const podman = Podman.ofMachines(resources);
    const authority = await Authority.open(where.cache);
    const apt = await startAptProxy(where.cache, where.run);
    const image = await debianImage({ resources, authority, proxy: apt.url });
    await makeNetwork(resources, podman);
    const instance = new DnsAndBalancer(resources, authority, 'eu-central-1');
    const stage = new StageOfMachines(
      resources,
      podman,
      new Machines(resources, podman, image),
      instance,
      new SecurityGroups(resources),
      authority,
    );
    stage.children.push(apt.process);
    stage.metadata = serveMetadata(resources.sockets.metadata, () => stage.desired);
    await instance.start(stage.children);
    return stage;
  }

  /** Ends everything, and returns what is left behind. */
  async stop(): Promise<string[]> {
    this.metadata?.close();
    for (const child of this.children) child.kill('SIGKILL');
    const left = await removeContainers(this.resources);
    await removeNetwork(this.resources);
    rmSync(this.resources.run, { recursive: true, force: true });
    return [...left, ...[this.resources.run, `/run/netns/${this.resources.namespace}`].filter(existsSync)];
  }

  /** Applies the current state of the world. Returns the health of the targets. */
  async follow(changes: Partial<DesiredState> = {}): Promise<ActualState['targets']> {
    this.desired = { ...this.desired, ...changes };
    await this.groups.follow(this.desired);
    this.machines.follow(this.desired);
    await this.instance.follow(this.desired);
    return this.instance.health(this.desired);
  }

  /** Starts machines and waits until systemd runs in each. */
  async launch(...instances: DesiredState['instances']): Promise<void> {
    await this.follow({ instances: [...this.desired.instances, ...instances] });
    await until(() => instances.every(({ id }) => this.machines.reality[id]?.state === 'running'));
    for (const { id } of instances)
      await until(async () =>
        /^(running|degraded)$/.test(await this.tried(id, 'systemctl', 'is-system-running')),
      );
  }

  /** Runs a command in a machine and returns its output. */
  run(id: string, ...command: string[]): Promise<string> {
    return this.podman.inside('exec', id, ...command);
  }

  /** Output of a command in a machine, even if it fails. */
  private tried(id: string, ...command: string[]): Promise<string> {
    return this.run(id, ...command).catch((error: ExecaError) => String(error.stdout ?? ''));
  }

  /** Runs a Python program in a machine. */
  python(id: string, program: string): Promise<string> {
    return this.run(id, 'python3', '-c', program);
  }

  /** Runs a Python program in a machine as a systemd unit. */
  async serve(id: string, unit: string, program: string): Promise<void> {
    await this.run(id, 'systemd-run', '--quiet', '--unit', unit, 'python3', '-c', program);
  }

  /** Starts the web server of a machine, healthy or not. */
  async serveWeb(id: string, well: boolean): Promise<void> {
    await this.beWell(id, well);
    await this.serve(id, 'web', webServer(id));
  }

  async beWell(id: string, well: boolean): Promise<void> {
    await this.run(id, ...(well ? ['touch', '/run/well'] : ['rm', '-f', '/run/well']));
  }

  /** Sends a request through the load balancer. Returns the target and the status. */
  async get(path = '/'): Promise<{ status: number; body: string }> {
    const call = request({ ...this.door(), path });
    call.end();
    const [response] = await once(call, 'response');
    return { status: response.statusCode, body: await text(response) };
  }

  /** A WebSocket through the load balancer, as plain bytes without frames. */
  async webSocket(): Promise<Socket> {
    const call = request({
      ...this.door(),
      path: '/ws',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    });
    call.end();
    const [, socket] = await once(call, 'upgrade');
    return socket;
  }

  private door() {
    return {
      socketPath: this.resources.sockets.web,
      servername: 'meet.example.org',
      ca: this.authority.pem,
      agent: false as const,
    };
  }
}
