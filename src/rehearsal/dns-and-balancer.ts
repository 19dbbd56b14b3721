import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import pWaitFor from 'p-wait-for';
import type { Place } from './addresses.js';
import { balancerConfig, certificates, serverStates, targetHealth } from './balancer.js';
import type { Authority } from './certificate-authority.js';
import { NOTHING, type Reality, type World } from './emulated-state.js';
import { hostsFile, resolverArguments } from './hosts-file.js';
import { logFile } from './machines.js';

/** The resolver and the balancer, which follow the world by being told anew. */
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
    private readonly place: Place,
    private readonly authority: Authority,
    private readonly region: string,
  ) {
    this.certificates = join(place.run, 'certificates');
    this.hostsPath = join(place.run, 'hosts');
    this.configPath = join(place.run, 'haproxy.cfg');
    mkdirSync(this.certificates, { recursive: true });
  }

  async start(children: ChildProcess[]): Promise<void> {
    writeFileSync(this.hostsPath, '');
    writeFileSync(join(this.place.run, 'haproxy.state'), '');
    await this.write(NOTHING);
    this.children = children;
    this.resolve(resolverArguments(this.hostsPath, NOTHING));
    this.balancer = this.spawnInside('haproxy', '-W', '-db', '-f', this.configPath);
    children.push(this.balancer);
    await pWaitFor(() => existsSync(this.place.sockets.haproxy), { interval: 50, timeout: 15_000 });
  }

  /** Called at each tick; does something only when the world has changed. */
  async follow(world: World): Promise<void> {
    const hosts = hostsFile(world);
    if (hosts !== this.hosts) {
      this.hosts = hosts;
      writeFileSync(this.hostsPath, hosts);
      this.resolver?.kill('SIGHUP');
    }
    const options = resolverArguments(this.hostsPath, world);
    if (options.join() !== this.resolverOptions.join()) this.resolve(options);
    if (!(await this.write(world))) return;
    // What is known of servers' health goes over to the new process, and open connections stay with the old one.
    const states = serverStates(await this.ask('show servers state'), world);
    writeFileSync(join(this.place.run, 'haproxy.state'), states);
    this.balancer?.kill('SIGUSR2');
  }

  /** (Re)starts the resolver: what is not in its hosts file it learns only when it starts. */
  private resolve(options: readonly string[]): void {
    this.resolverOptions = options;
    const before = this.resolver;
    const start = () => {
      this.resolver = this.spawnInside('dnsmasq', ...this.resolverOptions);
      this.children.push(this.resolver);
    };
    if (!before) start();
    else if (!before.killed) {
      // Its address is free when it has ended.
      before.once('exit', start);
      before.kill('SIGTERM');
    }
  }

  async health(world: World): Promise<Reality['targets']> {
    return targetHealth(await this.ask('show stat -1 4 -1'), world);
  }

  /** Writes what the balancer needs; says whether it differs from what it has. */
  private async write(world: World): Promise<boolean> {
    const config = balancerConfig(world, this.place, this.certificates);
    if (config === this.config) return false;
    for (const [path, names] of certificates(world, [this.region], this.certificates)) {
      if (!existsSync(path)) await this.authority.sign(names, path);
    }
    writeFileSync(this.configPath, config);
    this.config = config;
    return true;
  }

  private ask(command: string): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(this.place.sockets.haproxy, () => socket.end(`${command}\n`));
      socket.setTimeout(2_000, () => socket.destroy());
      socket.on('data', (data) => {
        answer += data;
      });
      // A balancer that is just being replaced answers at the next tick.
      socket.on('error', () => resolve(''));
      socket.on('close', () => resolve(answer));
    });
  }

  private spawnInside(program: string, ...args: string[]): ChildProcess {
    const log = logFile(this.place, program);
    const command = [
      `--net=/run/netns/${this.place.namespace}`,
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
