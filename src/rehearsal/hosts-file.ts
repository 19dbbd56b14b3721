import { ADDRESSES, balancerAddress } from './addresses.js';
import type { World } from './emulated-state.js';

/** dnsmasq's command line: it answers for the rehearsal's names and says no to every other at once. */
export const resolverArguments = (hosts: string, world: World): string[] => [
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  // Whose it is already: a process that changes account or group is no longer told that its parent has died.
  '--user=root',
  '--group=root',
  '--no-resolv',
  '--no-hosts',
  `--addn-hosts=${hosts}`,
  `--listen-address=${ADDRESSES.resolver}`,
  '--bind-interfaces',
  '--pid-file',
  '--local-ttl=1',
  '--local=/#/',
  `--address=/amazonaws.com/${ADDRESSES.api}`,
  // Load balancers have names below amazonaws.com too, but they are no API.
  `--address=/elb.amazonaws.com/${ADDRESSES.balancer}`,
  ...aliasOptions(world),
];

const isAddress = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** CNAMEs that lead to what is not here, such as the proof of a domain: they are answered as they are. */
export function aliasOptions({ names, balancers }: World): string[] {
  const known = new Set(balancers.map(({ dnsName }) => dnsName));
  return names
    .filter(({ target }) => !isAddress(target) && !known.has(target))
    .map(({ name, target }) => `--dns-rr=${name},${CNAME},${wireFormat(target)}`);
}

/** Number of the type of record (RFC 1035). */
const CNAME = 5;

/** A name as it goes over the wire, in hexadecimal: each part behind its length, a length of 0 at the end (RFC 1035). */
const wireFormat = (name: string): string =>
  Buffer.concat([
    ...name.split('.').map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
    Buffer.from([0]),
  ]).toString('hex');

/** The hosts file for dnsmasq: the domain's records, load balancers and machines. */
export function hostsFile(world: World): string {
  const balancers = new Map(world.balancers.map(({ dnsName, kind }) => [dnsName, balancerAddress(kind)]));
  const lines = [
    ...world.names.map(({ name, target }) => [balancers.get(target) ?? target, name]),
    ...[...balancers].map(([dnsName, address]) => [address, dnsName]),
    ...world.instances.map(({ privateIp, region }) => [
      privateIp,
      `ip-${privateIp.replaceAll('.', '-')}.${region}.compute.internal`,
    ]),
  ];
  return lines
    .filter(([address = '']) => isAddress(address))
    .map((line) => `${line.join(' ')}\n`)
    .join('');
}
