import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { execa } from 'execa';
import { PORTS } from '../contract/ports.js';
import { ADDRESSES } from './addresses.js';
import { type DesiredState, EMPTY_STATE } from './emulated-state.js';
import type { Resources } from './paths.js';
import type { Podman } from './podman.js';
import { securityGroupRules } from './security-groups.js';

/** Runs a program in the rehearsal's network namespace. */
export const inNamespace = (resources: Resources, program: string, ...args: string[]) =>
  execa('nsenter', [`--net=/run/netns/${resources.namespace}`, program, ...args]);

/**
 * Creates the namespace, with the addresses of EC2's services and of the load balancers, and the VPC's network in it.
 */
export async function makeNetwork(resources: Resources, podman: Podman): Promise<void> {
  if (!existsSync(`/run/netns/${resources.namespace}`))
    await execa('ip', ['netns', 'add', resources.namespace]);
  // With this module, bridged traffic between machines passes iptables, too. If it is built into the kernel, there is
  // no module to load.
  await execa('modprobe', ['br_netfilter'], { reject: false });
  const ip = (...args: string[]) => inNamespace(resources, 'ip', ...args);
  await ip('link', 'set', 'lo', 'up');
  const { metadata, resolver, api, apt, internet, balancer, networkBalancer } = ADDRESSES;
  for (const address of [metadata, resolver, api, apt])
    await ip('addr', 'replace', `${address}/32`, 'dev', 'lo');
  // With the whole range, so that public addresses have a route before they are translated. The first address is the
  // default source.
  for (const address of [internet, balancer, networkBalancer])
    await ip('addr', 'replace', `${address}/24`, 'dev', 'lo');
  await inNamespace(resources, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await add(namespacePath(resources), FROM_OUTSIDE);
  // From the start, only allowed traffic passes.
  await new SecurityGroups(resources).follow(EMPTY_STATE);
  await podman.inside(
    'network',
    'create',
    '--disable-dns',
    '--subnet',
    ADDRESSES.vpc,
    '--gateway',
    ADDRESSES.gateway,
    resources.network,
  );
  // Podman refuses a network that contains an address of this machine.
  for (const address of [ADDRESSES.balancerInVpc, ADDRESSES.networkBalancerInVpc])
    await ip('addr', 'replace', `${address}/32`, 'dev', 'lo');
}

/** iptables rules of one machine: table, chain, rule and position. */
type Rule = readonly [table: string, chain: string, ...rest: string[]];

/** The security groups in the rehearsal's network. */
export class SecurityGroups {
  private rules = '';

  constructor(private readonly resources: Resources) {}

  /** Called at each tick; atomically replaces all rules if they have changed. */
  async follow(desired: DesiredState): Promise<void> {
    const rules = securityGroupRules(desired);
    if (rules === this.rules) return;
    await execa('nsenter', [`--net=${namespacePath(this.resources)}`, 'nft', '-f', '-'], { input: rules });
    this.rules = rules;
  }
}

/**
 * Browsers are in the load balancers' namespace, but as if on the internet: media uses the bridge's public address in
 * both directions. If a bridge could send to a browser from its private address, the browser would switch to it after
 * a while, and Videobridge would keep sending to the first.
 */
const FROM_OUTSIDE: Rule = [
  'filter',
  'INPUT',
  ...['-s', ADDRESSES.vpc, '-p', 'udp', '--sport', String(PORTS.media)],
  ...['-m', 'conntrack', '--ctstate', 'NEW', '-j', 'DROP'],
];

/**
 * Public addresses are translated one to one, as on EC2, also between machines: without the last rule a response
 * would go directly to the other machine, from an address that it did not send to. Load balancers see machines by
 * their public addresses as well.
 */
const translation = (publicIp: string, privateIp: string): Rule[] => [
  ...[ADDRESSES.balancer, ADDRESSES.networkBalancer].map((balancer): Rule => {
    const toBalancer = ['-s', privateIp, '-d', balancer, '-p', 'tcp'];
    return ['nat', 'INPUT', ...toBalancer, '-j', 'SNAT', '--to-source', publicIp];
  }),
  ['nat', 'PREROUTING', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp],
  ['nat', 'OUTPUT', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp],
  [
    'nat',
    'POSTROUTING',
    ...['-s', privateIp, '-m', 'conntrack', '--ctstate', 'DNAT', '--ctorigdst', ADDRESSES.publicRange],
    ...['-j', 'SNAT', '--to-source', publicIp],
  ],
];

/** Outgoing packets are dropped outside of the machine: inside, its processes would get errors. */
const silence = (privateIp: string): Rule => ['raw', 'PREROUTING', '-s', privateIp, '-j', 'DROP'];
/** Incoming packets are dropped at its interface, where it still answers ARP as a frozen machine does. */
const DEAFNESS: Rule = ['raw', 'PREROUTING', '!', '-i', 'lo', '-j', 'DROP'];

export const namespacePath = (resources: Resources) => `/run/netns/${resources.namespace}`;

async function has(network: string, [table, ...rule]: Rule): Promise<boolean> {
  const command = [`--net=${network}`, 'iptables', '-w', '-t', table, '-C', ...rule];
  return (await execa('nsenter', command, { reject: false })).exitCode === 0;
}

/** Puts a rule before all others, if it is not there. */
async function add(network: string, rule: Rule): Promise<void> {
  const [table, ...rest] = rule;
  if (!(await has(network, rule)))
    await execa('nsenter', [`--net=${network}`, 'iptables', '-w', '-t', table, '-I', ...rest]);
}

async function drop(network: string, rule: Rule): Promise<void> {
  const [table, ...rest] = rule;
  while (await has(network, rule))
    await execa('nsenter', [`--net=${network}`, 'iptables', '-w', '-t', table, '-D', ...rest]);
}

/** MAC address of the VPC's router, derived from its IP address like those of machines. */
const ROUTER_LINK = `02:00:${ADDRESSES.gateway
  .split('.')
  .map((part) => Number(part).toString(16).padStart(2, '0'))
  .join(':')}`;

/**
 * Connects a started machine to the network. Its bridge port is in hairpin mode, so that it reaches itself by its
 * public address. The bridge keeps a fixed MAC address: by default it uses the lowest of its ports', and when that
 * changes, all machines lose their route until their ARP entries expire half a minute later.
 */
export async function joinNetwork(resources: Resources, network: string): Promise<void> {
  const ip = (...args: string[]) => inNamespace(resources, 'ip', ...args);
  const { stdout } = await ip('-oneline', 'link', 'show', 'type', 'bridge_slave');
  const line = stdout.split('\n').find((each) => each.endsWith(`link-netns ${basename(network)}`)) ?? '';
  const [, port] = /^\d+: ([^@:]+)/.exec(line) ?? [];
  const [, bridge] = / master (\S+)/.exec(line) ?? [];
  if (!port || !bridge) throw new Error(`The bridge has no port to ${network}.`);
  await ip('link', 'set', bridge, 'address', ROUTER_LINK);
  await ip('link', 'set', port, 'type', 'bridge_slave', 'hairpin', 'on');
}

/** Gives a machine its public address, after removing rules for earlier machines. */
export async function translate(resources: Resources, publicIp: string, privateIp: string): Promise<void> {
  await forget(resources, publicIp, privateIp);
  for (const rule of translation(publicIp, privateIp)) await add(namespacePath(resources), rule);
}

/** Undoes `translate` and `cutOff`. */
export async function forget(
  resources: Resources,
  publicIp: string | null,
  privateIp: string,
): Promise<void> {
  const rules = publicIp ? translation(publicIp, privateIp) : [];
  for (const rule of [...rules, silence(privateIp)]) await drop(namespacePath(resources), rule);
}

/** Drops all packets from and to a machine, including connection ends. `network`: its own namespace. */
export async function cutOff(resources: Resources, privateIp: string, network: string): Promise<void> {
  await add(namespacePath(resources), silence(privateIp));
  await add(network, DEAFNESS);
}

/** Undoes `cutOff`. */
export async function reconnect(resources: Resources, privateIp: string, network: string): Promise<void> {
  await drop(namespacePath(resources), silence(privateIp));
  await drop(network, DEAFNESS);
}

export async function removeNetwork(resources: Resources): Promise<void> {
  if (existsSync(`/run/netns/${resources.namespace}`))
    await execa('ip', ['netns', 'delete', resources.namespace]);
}
