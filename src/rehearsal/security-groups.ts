import { ADDRESSES, balancerAddress, balancerSource } from './addresses.js';
import type { World } from './emulated-state.js';

/**
 * EC2's security groups as a ruleset of nftables for the rehearsal's namespace, where no machine can change it. Loaded as
 * one transaction, it replaces the one before.
 *
 * - What a machine sends is judged where it leaves the machine, before any translation of addresses, and what it receives
 *   where it arrives, after all of them. So each sees the addresses that it would see on EC2: traffic to a public address
 *   leaves for that address and arrives from one, and no rule that names a group matches it.
 * - Whatever belongs to a connection that is known passes. As connections are known to the kernel and not to the ruleset,
 *   those that are open stay open when a rule that allowed them goes.
 * - What no rule allows is dropped without an answer. A machine that is not in the world sends and receives nothing.
 * - EC2's own services and the VPC's router are not subject to groups.
 * - Machines have no IPv6 addresses: rules for ranges of those match nothing, and link-local IPv6 does not pass.
 */
export function securityGroupRules(world: World): string {
  const interfaces = [...machines(world), ...balancers(world)];
  const known = new Map(world.securityGroups.map((group) => [group.id, group]));
  const referenced = new Set(
    world.securityGroups.flatMap(({ inbound, outbound }) =>
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

/** What groups belong to: a machine, or a load balancer. */
interface Interface {
  readonly kind: 'machine' | 'balancer';
  /** In the VPC. */
  readonly address: string;
  /** All addresses that clients reach it by, once they are translated. */
  readonly reachedBy: readonly string[];
  readonly groups: readonly string[];
}

const machines = ({ instances }: World): Interface[] =>
  instances.map(({ privateIp, groups }) => ({
    kind: 'machine',
    address: privateIp,
    reachedBy: [privateIp],
    groups,
  }));

/** All load balancers of a kind are one here, so that it has the groups of all. */
const balancers = ({ balancers: all }: World): Interface[] =>
  (['application', 'network'] as const)
    .map((kind): Interface => {
      const address = balancerSource(kind);
      const groups = all.filter((balancer) => balancer.kind === kind).flatMap((balancer) => balancer.groups);
      return { kind: 'balancer', address, reachedBy: [balancerAddress(kind), address], groups };
    })
    .filter(({ groups }) => groups.length > 0);

/** The addresses of everything that has a group. */
function members(id: string, interfaces: readonly Interface[]): string {
  const addresses = interfaces.filter(({ groups }) => groups.includes(id)).map(({ address }) => address);
  return `  set members-${id} {
    type ipv4_addr
${addresses.length > 0 ? `    elements = { ${addresses.join(', ')} }\n` : ''}  }
`;
}

const chain = (name: string, rules: readonly string[]): string =>
  `  chain ${name} {\n${rules.map((rule) => `    ${rule}\n`).join('')}  }\n`;

type Rule = World['securityGroups'][number]['inbound'][number];

/** A rule of a group in nftables' words: one for each other end. */
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

/**
 * Where the kernel asks for a judgement: priorities stand before (-100) or behind (100) the translation of addresses. What
 * is not loopback is the VPC.
 */
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
      'iifname lo accept',
      'meta nfproto ipv6 drop',
      `ip daddr ${unfiltered} accept`,
      KNOWN,
      ...leaving(own('machine')),
      'drop',
    ]),
    chain('received-by-machines', [
      'type filter hook postrouting priority 110; policy accept;',
      'oifname lo accept',
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
      // All others here are on the internet, from where no private address can be reached.
      `ip daddr ${ADDRESSES.vpc} drop`,
    ]),
    chain('received-by-balancers', [
      'type filter hook input priority 110; policy accept;',
      KNOWN,
      ...arriving(own('balancer')),
    ]),
  ];
}

/** Link-local addresses, which EC2 has its services at. */
const SERVICES = '169.254.0.0/16';

const verdicts = (key: string, chains: readonly (readonly [string, string])[]): string[] =>
  chains.length === 0
    ? []
    : [`${key} vmap { ${chains.map(([address, name]) => `${address} : goto ${name}`).join(', ')} }`];
