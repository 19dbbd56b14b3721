import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import pWaitFor from 'p-wait-for';
import { balancerConfig, certificates, serverStates, targetHealth } from './balancer.js';
import type { Authority } from './certificate-authority.js';
import { type ActualState, type DesiredState, EMPTY_STATE } from './emulated-state.js';
import { hostsFile, resolverArguments } from './hosts-file.js';
import { logFile } from './machines.js';
import type { Resources } from './paths.js';

/** The resolver and the load balancer, updated from the desired state. */
export class DnsAndBalancer {
  private config = '';
  private hosts = '';
  private resolverOptions: readonly string[] = [];
  private readonly certificates: string;
  private readonly hostsPath: string;
  private readonly configPath: string;
  private balancer: ChildProcess | undefined;
  private resolver: ChildProcess | undefined;
  private children: ChildProcess[] = [];

  constructor(
    private readonly resources: Resources,
    private readonly authority: Authority,
    private readonly region: string,
  ) {
    this.certificates = join(resources.run, 'certificates');
    this.hostsPath = join(resources.run, 'hosts');
    this.configPath = join(resources.run, 'haproxy.cfg');
    mkdirSync(this.certificates, { recursive: true });
  }

  async start(children: ChildProcess[]): Promise<void> {
    writeFileSync(this.hostsPath, '');
    writeFileSync(join(this.resources.run, 'haproxy.state'), '');
    await this.write(EMPTY_STATE);
    this.children = children;
    this.resolve(resolverArguments(this.hostsPath, EMPTY_STATE));
    this.balancer = this.spawnInside('haproxy', '-W', '-db', '-f', this.configPath);
    children.push(this.balancer);
    await pWaitFor(() => existsSync(this.resources.sockets.haproxy), { interval: 50, timeout: 15_000 });
  }

  /** Called at each tick; acts only on changes. */
  async follow(desired: DesiredState): Promise<void> {
    const hosts = hostsFile(desired);
    if (hosts !== this.hosts) {
      this.hosts = hosts;
      writeFileSync(this.hostsPath, hosts);
      this.resolver?.kill('SIGHUP');
    }
    const options = resolverArguments(this.hostsPath, desired);
    if (options.join() !== this.resolverOptions.join()) this.resolve(options);
    if (!(await this.write(desired))) return;
    // The new process takes over the health of servers; the old one keeps open connections.
    const states = serverStates(await this.ask('show servers state'), desired);
    writeFileSync(join(this.resources.run, 'haproxy.state'), states);
    this.balancer?.kill('SIGUSR2');
  }

  /** (Re)starts the resolver: it reads options other than its hosts file only at start. */
  private resolve(options: readonly string[]): void {
    this.resolverOptions = options;
    const before = this.resolver;
    const start = () => {
      this.resolver = this.spawnInside('dnsmasq', ...this.resolverOptions);
      this.children.push(this.resolver);
    };
    if (!before) start();
    else if (!before.killed) {
      // Its address is free once it has exited.
      before.once('exit', start);
      before.kill('SIGTERM');
    }
  }

  async health(desired: DesiredState): Promise<ActualState['targets']> {
    return targetHealth(await this.ask('show stat -1 4 -1'), desired);
  }

  /** Writes the load balancer's files; returns whether the configuration changed. */
  private async write(desired: DesiredState): Promise<boolean> {
    const config = balancerConfig(desired, this.resources, this.certificates);
    if (config === this.config) return false;
    for (const [path, names] of certificates(desired, [this.region], this.certificates)) {
      if (!existsSync(path)) await this.authority.sign(names, path);
    }
    writeFileSync(this.configPath, config);
    this.config = config;
    return true;
  }

  private ask(command: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(this.resources.sockets.haproxy, () => socket.end(`${command}\n`));
      socket.setTimeout(2_000, () => socket.destroy());
      socket.on('data', (data) => {
        answer += data;
      });
      // A balancer that is being replaced answers at the next tick.
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(answer));
    });
  }

  private spawnInside(program: string, ...args: string[]): ChildProcess {
    const log = logFile(this.resources, program);
    const command = [
      `--net=/run/netns/${this.resources.namespace}`,
      'setpriv',
      '--pdeathsig',
      'KILL',
      program,
      ...args,
    ];
    return spawn('nsenter', command, {
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    });
  }
}
