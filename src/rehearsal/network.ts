import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { execa } from 'execa';
import { PORTS } from '../contract/ports.js';
import { ADDRESSES, type Place } from './addresses.js';
import { NOTHING, type World } from './emulated-state.js';
import type { Podman } from './podman.js';
import { securityGroupRules } from './security-groups.js';

/** Runs a program in the rehearsal's network namespace. */
export const inNamespace = (place: Place, program: string, ...args: string[]) =>
  execa('nsenter', [`--net=/run/netns/${place.namespace}`, program, ...args]);

/** Makes the namespace, with the addresses of EC2's own services and of the load balancers, and the VPC's network in it. */
export async function makeNetwork(place: Place, podman: Podman): Promise<void> {
  if (!existsSync(`/run/netns/${place.namespace}`)) await execa('ip', ['netns', 'add', place.namespace]);
  // With it, what machines send each other over their bridge passes iptables, too. Where the kernel has it built in,
  // there is no such module.
  await execa('modprobe', ['br_netfilter'], { reject: false });
  const ip = (...args: string[]) => inNamespace(place, 'ip', ...args);
  await ip('link', 'set', 'lo', 'up');
  const { metadata, resolver, api, apt, internet, balancer, networkBalancer } = ADDRESSES;
  for (const address of [metadata, resolver, api, apt])
    await ip('addr', 'replace', `${address}/32`, 'dev', 'lo');
  // With their whole range, so that public addresses have a route before they are translated. The first one is where
  // connections to all of them come from.
  for (const address of [internet, balancer, networkBalancer])
    await ip('addr', 'replace', `${address}/24`, 'dev', 'lo');
  await inNamespace(place, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await add(namespacePath(place), FROM_OUTSIDE);
  // From the start nothing passes that no rule allows.
  await new SecurityGroups(place).follow(NOTHING);
  await podman.inside(
    'network',
    'create',
    '--disable-dns',
    '--subnet',
    ADDRESSES.vpc,
    '--gateway',
    ADDRESSES.gateway,
    place.network,
  );
  // Podman makes no network that an address of this machine is in.
  for (const address of [ADDRESSES.balancerInVpc, ADDRESSES.networkBalancerInVpc])
    await ip('addr', 'replace', `${address}/32`, 'dev', 'lo');
}

/** Rules of iptables for one machine: its chain, what comes after the chain's name, and where it stands. */
type Rule = readonly [table: string, chain: string, ...rest: string[]];

/** The security groups that apply in the rehearsal's network. */
export class SecurityGroups {
  private rules = '';

  constructor(private readonly place: Place) {}

  /** Called at each tick; replaces all rules in one step when they have changed. */
  async follow(world: World): Promise<void> {
    const rules = securityGroupRules(world);
    if (rules === this.rules) return;
    await execa('nsenter', [`--net=${namespacePath(this.place)}`, 'nft', '-f', '-'], { input: rules });
    this.rules = rules;
  }
}

/**
 * Browsers are where the load balancers are, but as if on the internet: media goes to the public address of a bridge and
 * comes from there. Where a bridge could begin to send to a browser from its private address, the browser would change
 * over to that after a while, and Videobridge goes on sending to the first.
 */
const FROM_OUTSIDE: Rule = [
  'filter',
  'INPUT',
  ...['-s', ADDRESSES.vpc, '-p', 'udp', '--sport', String(PORTS.media)],
  ...['-m', 'conntrack', '--ctstate', 'NEW', '-j', 'DROP'],
];

/**
 * A public address leads to a private one and back, as EC2's one-to-one translation does. Machines see each other by
 * their public addresses, too, where they speak to such: without the last rule an answer would go straight to the
 * cluster member, from an address that it has never spoken to. Load balancers see machines by their public addresses as well.
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

/** What a machine sends is dropped outside of it: dropped inside, its processes would be told. */
const silence = (privateIp: string): Rule => ['raw', 'PREROUTING', '-s', privateIp, '-j', 'DROP'];
/** What it is sent is dropped at its own door, where it still answers for its address as a machine does. */
const DEAFNESS: Rule = ['raw', 'PREROUTING', '!', '-i', 'lo', '-j', 'DROP'];

export const namespacePath = (place: Place) => `/run/netns/${place.namespace}`;

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

/** The link address of the VPC's router, made of its IP address as those of machines are. */
const ROUTER_LINK = `02:00:${ADDRESSES.gateway
  .split('.')
  .map((part) => Number(part).toString(16).padStart(2, '0'))
  .join(':')}`;

/**
 * Joins a machine that has started to the network. Its port on the bridge sends back what came from there, so that it
 * reaches itself by its public address. The bridge keeps one link address: left to itself, it takes the lowest of its
 * ports', and whenever a machine's coming or going changes that, all others lose their way out until they ask for it
 * again, half a minute later.
 */
export async function joinNetwork(place: Place, network: string): Promise<void> {
  const ip = (...args: string[]) => inNamespace(place, 'ip', ...args);
  const { stdout } = await ip('-oneline', 'link', 'show', 'type', 'bridge_slave');
  const line = stdout.split('\n').find((each) => each.endsWith(`link-netns ${basename(network)}`)) ?? '';
  const [, port] = /^\d+: ([^@:]+)/.exec(line) ?? [];
  const [, bridge] = / master (\S+)/.exec(line) ?? [];
  if (!port || !bridge) throw new Error(`The bridge has no port to ${network}.`);
  await ip('link', 'set', bridge, 'address', ROUTER_LINK);
  await ip('link', 'set', port, 'type', 'bridge_slave', 'hairpin', 'on');
}

/** Gives a machine its public address. What somebody before it left behind is forgotten first. */
export async function translate(place: Place, publicIp: string, privateIp: string): Promise<void> {
  await forget(place, publicIp, privateIp);
  for (const rule of translation(publicIp, privateIp)) await add(namespacePath(place), rule);
}

/** Takes back what `translate` and `cutOff` did. */
export async function forget(place: Place, publicIp: string | null, privateIp: string): Promise<void> {
  const rules = publicIp ? translation(publicIp, privateIp) : [];
  for (const rule of [...rules, silence(privateIp)]) await drop(namespacePath(place), rule);
}

/** Nothing that a machine sends arrives any more, not even a goodbye, and nothing reaches it. `network` is its own. */
export async function cutOff(place: Place, privateIp: string, network: string): Promise<void> {
  await add(namespacePath(place), silence(privateIp));
  await add(network, DEAFNESS);
}

/** Undoes `cutOff`. */
export async function reconnect(place: Place, privateIp: string, network: string): Promise<void> {
  await drop(namespacePath(place), silence(privateIp));
  await drop(network, DEAFNESS);
}

export async function removeNetwork(place: Place): Promise<void> {
  if (existsSync(`/run/netns/${place.namespace}`)) await execa('ip', ['netns', 'delete', place.namespace]);
}
