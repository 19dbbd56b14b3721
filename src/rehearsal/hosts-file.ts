import { ADDRESSES, balancerAddress } from './addresses.js';
import type { DesiredState } from './emulated-state.js';

/** dnsmasq's command line: it answers for the rehearsal's names and refuses all others at once. */
export const resolverArguments = (hosts: string, desired: DesiredState): string[] => [
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  // Already the owner: after a change of user or group a process loses its parent-death signal.
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
  // Load balancers have names below amazonaws.com too, but are not API endpoints.
  `--address=/elb.amazonaws.com/${ADDRESSES.balancer}`,
  ...aliasOptions(desired),
];

const isAddress = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(text);

/** CNAMEs whose target is not here, such as a validation record, are answered as they are. */
export function aliasOptions({ names, balancers }: DesiredState): string[] {
  const known = new Set(balancers.map(({ dnsName }) => dnsName));
  return names
    .filter(({ target }) => !isAddress(target) && !known.has(target))
    .map(({ name, target }) => `--dns-rr=${name},${CNAME},${wireFormat(target)}`);
}

/** Record type number (RFC 1035). */
const CNAME = 5;

/** A name in wire format, in hexadecimal: each label after its length, and a final length of 0 (RFC 1035). */
const wireFormat = (name: string): string =>
  Buffer.concat([
    ...name.split('.').map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
    Buffer.from([0]),
  ]).toString('hex');

/** The hosts file for dnsmasq: the domain's records, load balancers and machines. */
export function hostsFile(desired: DesiredState): string {
  const balancers = new Map(desired.balancers.map(({ dnsName, kind }) => [dnsName, balancerAddress(kind)]));
  const lines = [
    ...desired.names.map(({ name, target }) => [balancers.get(target) ?? target, name]),
    ...[...balancers].map(([dnsName, address]) => [address, dnsName]),
    ...desired.instances.map(({ privateIp, region }) => [
      privateIp,
      `ip-${privateIp.replaceAll('.', '-')}.${region}.compute.internal`,
    ]),
  ];
  return lines
    .filter(([address = '']) => isAddress(address))
    .map((line) => `${line.join(' ')}\n`)
    .join('');
}
