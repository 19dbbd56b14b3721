import { ADDRESSES, balancerAddress } from './place.js';
import type { World } from './world.js';

/** dnsmasq's command line: it answers for the rehearsal's names and says no to every other at once. */
export const resolverArguments = (hosts: string): string[] => [
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  '--user=root',
  '--no-resolv',
  '--no-hosts',
  `--addn-hosts=${hosts}`,
  `--listen-address=${ADDRESSES.resolver}`,
  '--bind-interfaces',
  '--pid-file',
  '--local-ttl=1',
  `--address=/amazonaws.com/${ADDRESSES.api}`,
  // Load balancers have names below amazonaws.com too, but they are no API.
  `--address=/elb.amazonaws.com/${ADDRESSES.balancer}`,
];

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
    .filter(([address]) => /^\d+\.\d+\.\d+\.\d+$/.test(address ?? ''))
    .map((line) => `${line.join(' ')}\n`)
    .join('');
}
