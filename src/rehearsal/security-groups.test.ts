import { describe, expect, it } from 'vitest';
import { EVERYTHING, sampleState } from '../../test/sample-state.js';
import { type DesiredState, EMPTY_STATE } from './emulated-state.js';
import { securityGroupRules } from './security-groups.js';

type Group = DesiredState['securityGroups'][number];

const [sample] = sampleState().instances;
const [balancer] = sampleState().balancers;
if (!sample || !balancer) throw new Error('the sample has no machine or no balancer');

const group = (id: string, inbound: Partial<Group['inbound'][number]>[] = []): Group => ({
  id,
  inbound: inbound.map((rule) => ({ ...EVERYTHING, ranges: [], ...rule })),
  outbound: [EVERYTHING],
});
const tcp = (from: number, to = from) => ({ protocol: 6, ports: { from, to } });
const machine = (last: number, ...groups: string[]): DesiredState['instances'][number] => ({
  ...sample,
  id: `i-${last}`,
  privateIp: `10.20.0.${last}`,
  publicIp: `203.0.113.${last}`,
  groups,
});

/** The lines of a chain or a set of the ruleset. */
function part(ruleset: string, name: string): string[] {
  const [, body = ''] = ruleset.split(new RegExp(`^  (?:chain|set) ${name} \\{\n`, 'm'));
  return (body.split(/^ {2}\}$/m)[0] ?? '').split('\n').flatMap((line) => line.trim() || []);
}

const only = (changes: Partial<DesiredState>) =>
  securityGroupRules(sampleState({ balancers: [], targetGroups: [], ...changes }));

describe('security groups as nftables rules', () => {
  it.each<[string, Partial<Group['inbound'][number]>, string[]]>([
    [
      'a port from a range',
      { ...tcp(80), ranges: ['10.0.0.0/8'] },
      ['ip saddr 10.0.0.0/8 tcp dport 80-80 accept'],
    ],
    [
      'ports of UDP from everywhere',
      { protocol: 17, ports: { from: 1, to: 9 }, ranges: ['0.0.0.0/0'] },
      ['ip saddr 0.0.0.0/0 udp dport 1-9 accept'],
    ],
    [
      'a group, and itself',
      { ...tcp(1), groups: ['sg-2', 'sg-1'] },
      ['ip saddr @members-sg-2 tcp dport 1-1 accept', 'ip saddr @members-sg-1 tcp dport 1-1 accept'],
    ],
    ['all protocols', { protocol: 'all', groups: ['sg-2'] }, ['ip saddr @members-sg-2 accept']],
    [
      'all ICMP',
      { protocol: 1, ports: { from: -1, to: -1 }, ranges: ['0.0.0.0/0'] },
      ['ip saddr 0.0.0.0/0 meta l4proto 1 accept'],
    ],
    [
      'an echo request',
      { protocol: 1, ports: { from: 8, to: -1 }, ranges: ['0.0.0.0/0'] },
      ['ip saddr 0.0.0.0/0 icmp type 8 accept'],
    ],
    [
      'one code of a type',
      { protocol: 1, ports: { from: 3, to: 4 }, ranges: ['0.0.0.0/0'] },
      ['ip saddr 0.0.0.0/0 icmp type 3 icmp code 4 accept'],
    ],
    [
      'a protocol without ports, whatever ports are given',
      { protocol: 47, ports: { from: 1, to: 2 }, ranges: ['0.0.0.0/0'] },
      ['ip saddr 0.0.0.0/0 meta l4proto 47 accept'],
    ],
    ['a range of IPv6, which no machine has', { ...tcp(80), ranges: ['2001:db8::/32'] }, []],
  ])('%s', (_, rule, lines) => {
    const ruleset = only({
      instances: [machine(10, 'sg-1')],
      securityGroups: [group('sg-1', [rule]), group('sg-2')],
    });
    expect(part(ruleset, 'inbound-sg-1')).toEqual(lines);
  });

  it('list all members of a group, machines and load balancers, but no terminated ones', () => {
    const securityGroups = [
      group('sg-1', [{ ...tcp(80), groups: ['sg-1', 'sg-2', 'sg-dead'] }]),
      group('sg-2'),
    ];
    const instances = [machine(10, 'sg-1'), machine(11, 'sg-1', 'sg-2')];
    const balancers = [{ ...balancer, kind: 'network' as const, groups: ['sg-2'] }];
    const ruleset = only({ instances, balancers, securityGroups });
    expect(part(ruleset, 'members-sg-1')).toContain('elements = { 10.20.0.10, 10.20.0.11 }');
    expect(part(ruleset, 'members-sg-2')).toContain('elements = { 10.20.0.11, 10.20.0.5 }');
    expect(part(ruleset, 'members-sg-dead')).toEqual(['type ipv4_addr']);
    expect(part(only({ instances: instances.slice(1), securityGroups }), 'members-sg-1')).toContain(
      'elements = { 10.20.0.11 }',
    );
  });

  it('add up on a machine with several, and drop everything else', () => {
    const securityGroups = [group('sg-1'), group('sg-2')];
    const ruleset = only({ instances: [machine(10, 'sg-1', 'sg-2', 'sg-dead')], securityGroups });
    expect(part(ruleset, 'inbound-10.20.0.10')).toEqual(['jump inbound-sg-1', 'jump inbound-sg-2', 'drop']);
  });

  it('without a state allow only EC2’s own services', () => {
    const ruleset = securityGroupRules(EMPTY_STATE);
    expect(part(ruleset, 'sent-by-machines').at(-1)).toBe('drop');
    expect(part(ruleset, 'received-by-machines').at(-1)).toBe('drop');
    expect(part(ruleset, 'sent-by-machines')).toContain('ip daddr { 169.254.0.0/16, 10.20.0.1 } accept');
  });

  it('filter a load balancer’s clients by its public address, and its requests by its private one', () => {
    const ruleset = securityGroupRules(sampleState({ securityGroups: [group('sg-0')] }));
    expect(part(ruleset, 'received-by-balancers').at(-1)).toContain('203.0.113.2 : goto inbound-10.20.0.4');
    expect(part(ruleset, 'sent-by-balancers')).toContain(
      'ip saddr vmap { 10.20.0.4 : goto outbound-10.20.0.4 }',
    );
  });

  it('do not filter a load balancer without groups', () => {
    const ruleset = securityGroupRules(
      sampleState({ balancers: [{ ...balancer, kind: 'network', groups: [] }] }),
    );
    expect(part(ruleset, 'received-by-balancers').join()).not.toContain('goto');
  });
});
