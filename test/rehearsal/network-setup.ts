import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';
import { Authority } from '../../src/rehearsal/certificate-authority.js';
import { DnsAndBalancer } from '../../src/rehearsal/dns-and-balancer.js';
import type { ActualState, DesiredState } from '../../src/rehearsal/emulated-state.js';
import {
  cutOff,
  inNamespace,
  joinNetwork,
  makeNetwork,
  reconnect,
  removeNetwork,
  SecurityGroups,
  translate,
} from '../../src/rehearsal/network.js';
import { type Resources, resourcesOf } from '../../src/rehearsal/paths.js';
import type { Podman } from '../../src/rehearsal/podman.js';
import { sampleState } from '../sample-state.js';

type Instance = DesiredState['instances'][number];

const BRIDGE = 'podman1';

/**
 * The network of a rehearsal, with its load balancer. A network namespace replaces each machine, because it is created within
 * a second; its processes are processes of this host.
 */
export class StageOfNetwork {
  desired: DesiredState = sampleState({ instances: [], targetGroups: [], balancers: [], securityGroups: [] });
  private readonly groups: SecurityGroups;
  private readonly children: ChildProcess[] = [];

  private constructor(
    readonly resources: Resources,
    private readonly instance: DnsAndBalancer,
  ) {
    this.groups = new SecurityGroups(resources);
  }

  static async start(): Promise<StageOfNetwork> {
    const run = mkdtempSync(join(tmpdir(), 'convoke-network-'));
    const where = { cache: join(run, 'cache'), run };
    mkdirSync(where.cache);
    const resources = resourcesOf(where);
    // Podman only stores the network's definition; it creates the bridge with the first machine.
    await makeNetwork(resources, { inside: async () => '' } as unknown as Podman);
    const ip = (...args: string[]) => inNamespace(resources, 'ip', ...args);
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    await ip('link', 'set', BRIDGE, 'up');
    await ip('address', 'add', `${ADDRESSES.gateway}/16`, 'dev', BRIDGE);
    const instance = new DnsAndBalancer(resources, await Authority.open(where.cache), 'eu-central-1');
    const stage = new StageOfNetwork(resources, instance);
    await instance.start(stage.children);
    return stage;
  }

  /** Adds machines to the world and to the network. */
  async launch(...instances: Instance[]): Promise<void> {
    await this.follow({ instances: [...this.desired.instances, ...instances] });
    for (const { id, privateIp, publicIp } of instances) {
      const own = this.namespace(id);
      await execa('ip', ['netns', 'add', own]);
      const port = `port-${privateIp.split('.').at(-1)}`;
      await inNamespace(
        this.resources,
        'ip',
        ...`link add ${port} type veth peer name eth0 netns ${own}`.split(' '),
      );
      await inNamespace(this.resources, 'ip', ...`link set ${port} master ${BRIDGE} up`.split(' '));
      const setUp = `ip link set lo up; ip address add ${privateIp}/16 dev eth0; ip link set eth0 up
        ip route add default via ${ADDRESSES.gateway}`;
      await execa('ip', ['netns', 'exec', own, 'sh', '-euc', setUp]);
      await joinNetwork(this.resources, `/run/netns/${own}`);
      if (publicIp) await translate(this.resources, publicIp, privateIp);
    }
  }

  /** Applies the current state of the world. Returns the health of the targets. */
  async follow(changes: Partial<DesiredState> = {}): Promise<ActualState['targets']> {
    this.desired = { ...this.desired, ...changes };
    await this.groups.follow(this.desired);
    await this.instance.follow(this.desired);
    return this.instance.health(this.desired);
  }

  partition = ({ id, privateIp }: Instance) =>
    cutOff(this.resources, privateIp, `/run/netns/${this.namespace(id)}`);
  heal = ({ id, privateIp }: Instance) =>
    reconnect(this.resources, privateIp, `/run/netns/${this.namespace(id)}`);

  /** Runs a Python program on a machine, and returns its output. */
  async python({ id }: Instance, program: string): Promise<string> {
    return (await execa('ip', ['netns', 'exec', this.namespace(id), 'python3', '-c', program])).stdout;
  }

  /** Runs a Python program in the network of browsers. */
  async fromInternet(program: string): Promise<string> {
    return (await inNamespace(this.resources, 'python3', '-c', program)).stdout;
  }

  /** Starts a Python program on a machine, which runs until the setup stops. */
  serve({ id }: Instance, program: string, ...args: string[]): void {
    const command = ['netns', 'exec', this.namespace(id), 'python3', '-u', '-c', program, ...args];
    this.children.push(spawn('ip', command, { stdio: 'ignore' }));
  }

  /** Ends everything, and returns what is left behind. */
  async stop(): Promise<string[]> {
    for (const child of this.children) child.kill('SIGKILL');
    const namespaces = this.desired.instances.map(({ id }) => this.namespace(id));
    for (const each of namespaces) await execa('ip', ['netns', 'delete', each]);
    await removeNetwork(this.resources);
    rmSync(this.resources.run, { recursive: true, force: true });
    return [
      this.resources.run,
      ...[this.resources.namespace, ...namespaces].map((each) => `/run/netns/${each}`),
    ].filter(existsSync);
  }

  private namespace(id: string): string {
    return `${this.resources.namespace}-${id}`;
  }
}
