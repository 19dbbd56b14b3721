import { ADDRESSES, balancerAddress, balancerSource } from './addresses.js';
import type { DesiredState } from './emulated-state.js';

/**
 * EC2's security groups as an nftables ruleset in the rehearsal's namespace, out of reach of the machines. Each load
 * replaces the previous ruleset in one transaction.
 *
 * - Outgoing packets are filtered where they leave a machine, before address translation, and incoming packets where
 *   they arrive, after it. So rules see the same addresses as on EC2: traffic to a public address has public
 *   addresses on both sides, and rules that name a group do not match it.
 * - Packets of known connections pass. Connections are tracked by the kernel, so open ones stay open when the rule
 *   that allowed them is removed.
 * - Everything else is dropped without a reply. A machine that is not in the desired state sends and receives
 *   nothing.
 * - EC2's own services and the VPC's router are not subject to groups.
 * - Machines have no IPv6 addresses: rules for IPv6 ranges match nothing, and link-local IPv6 is dropped.
 */
export function securityGroupRules(desired: DesiredState): string {
  const interfaces = [...machines(desired), ...balancers(desired)];
  const known = new Map(desired.securityGroups.map((group) => [group.id, group]));
  const referenced = new Set(
    desired.securityGroups.flatMap(({ inbound, outbound }) =>
      [...inbound, ...outbound].flatMap(({ groups }) => groups),
    ),
  );
  const chains = [
    ...[...referenced].map((id) => members(id, interfaces)),
    ...[...known.values()].flatMap(({ id, inbound, outbound }) => [
      chain(`inbound-${id}`, inbound.flatMap(allow('saddr'))),
      chain(`outbound-${id}`, outbound.flatMap(allow('daddr'))),
    ]),
    ...interfaces.flatMap(({ address, groups }) =>
      ['inbound', 'outbound'].map((direction) =>
        chain(`${direction}-${address}`, [
          ...groups.filter((id) => known.has(id)).map((id) => `jump ${direction}-${id}`),
          'drop',
        ]),
      ),
    ),
    ...hooks(interfaces),
  ];
  return `table inet ${TABLE}
delete table inet ${TABLE}
table inet ${TABLE} {
${chains.join('')}}
`;
}

const TABLE = 'security_groups';

/** A network interface with security groups, of a machine or a load balancer. */
interface Interface {
  readonly kind: 'machine' | 'balancer';
  /** Address in the VPC. */
  readonly address: string;
  /** All addresses after translation at which clients reach it. */
  readonly reachedBy: readonly string[];
  readonly groups: readonly string[];
}

const machines = ({ instances }: DesiredState): Interface[] =>
  instances.map(({ privateIp, groups }) => ({
    kind: 'machine',
    address: privateIp,
    reachedBy: [privateIp],
    groups,
  }));

/** All load balancers of a kind share one address here, and so all their groups. */
const balancers = ({ balancers: all }: DesiredState): Interface[] =>
  (['application', 'network'] as const)
    .map((kind): Interface => {
      const address = balancerSource(kind);
      const groups = all.filter((balancer) => balancer.kind === kind).flatMap((balancer) => balancer.groups);
      return { kind: 'balancer', address, reachedBy: [balancerAddress(kind), address], groups };
    })
    .filter(({ groups }) => groups.length > 0);

/** Addresses of all interfaces with groups. */
function members(id: string, interfaces: readonly Interface[]): string {
  const addresses = interfaces.filter(({ groups }) => groups.includes(id)).map(({ address }) => address);
  return `  set members-${id} {
    type ipv4_addr
${addresses.length > 0 ? `    elements = { ${addresses.join(', ')} }\n` : ''}  }
`;
}

const chain = (name: string, rules: readonly string[]): string =>
  `  chain ${name} {\n${rules.map((rule) => `    ${rule}\n`).join('')}  }\n`;

type Rule = DesiredState['securityGroups'][number]['inbound'][number];

/** A group's rule in nftables syntax: one for each other end. */
const allow =
  (end: 'saddr' | 'daddr') =>
  (rule: Rule): string[] =>
    [
      ...rule.ranges.filter((range) => !range.includes(':')),
      ...rule.groups.map((id) => `@members-${id}`),
    ].map((other) => `ip ${end} ${other} ${traffic(rule)}accept`);

const ICMP = 1;
const PORTED: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };

/** Ports count for TCP and UDP only, as on EC2. */
function traffic({ protocol, ports }: Rule): string {
  if (protocol === 'all') return '';
  const ported = PORTED[protocol];
  if (ports && ported && ports.from >= 0) return `${ported} dport ${ports.from}-${ports.to} `;
  if (ports && protocol === ICMP && ports.from >= 0)
    return `icmp type ${ports.from} ${ports.to >= 0 ? `icmp code ${ports.to} ` : ''}`;
  return `meta l4proto ${protocol} `;
}

const KNOWN = 'ct state established,related accept';

/** Interface by which a network of participants can be connected to the rehearsal's, as part of the internet. */
export const INTERNET_INTERFACE = 'internet';
const INTERNET = `{ lo, ${INTERNET_INTERFACE} }`;

/** Hooks with priorities before (-100) or after (100) address translation. Everything but the internet is the VPC. */
function hooks(interfaces: readonly Interface[]): string[] {
  const own = (kind: Interface['kind']) => interfaces.filter((each) => each.kind === kind);
  const leaving = (some: readonly Interface[]) =>
    verdicts(
      'ip saddr',
      some.map(({ address }) => [address, `outbound-${address}`]),
    );
  const arriving = (some: readonly Interface[]) =>
    verdicts(
      'ip daddr',
      some.flatMap(({ address, reachedBy }) => reachedBy.map((by) => [by, `inbound-${address}`] as const)),
    );
  const unfiltered = `{ ${SERVICES}, ${ADDRESSES.gateway} }`;
  return [
    chain('sent-by-machines', [
      'type filter hook prerouting priority -110; policy accept;',
      `iifname ${INTERNET} accept`,
      'meta nfproto ipv6 drop',
      `ip daddr ${unfiltered} accept`,
      KNOWN,
      ...leaving(own('machine')),
      'drop',
    ]),
    chain('received-by-machines', [
      'type filter hook postrouting priority 110; policy accept;',
      `oifname ${INTERNET} accept`,
      'meta nfproto ipv6 drop',
      KNOWN,
      ...arriving(own('machine')),
      'drop',
    ]),
    chain('sent-by-balancers', [
      'type filter hook output priority -110; policy accept;',
      'oifname lo accept',
      KNOWN,
      ...leaving(own('balancer')),
      // All other traffic is from the internet, where private addresses are unreachable.
      `ip daddr ${ADDRESSES.vpc} drop`,
    ]),
    chain('received-by-balancers', [
      'type filter hook input priority 110; policy accept;',
      KNOWN,
      ...arriving(own('balancer')),
    ]),
  ];
}

/** Link-local addresses of EC2's services. */
const SERVICES = '169.254.0.0/16';

const verdicts = (key: string, chains: readonly (readonly [string, string])[]): string[] =>
  chains.length === 0
    ? []
    : [`${key} vmap { ${chains.map(([address, name]) => `${address} : goto ${name}`).join(', ')} }`];
