import { beforeAll, describe, expect, it } from 'vitest';
import { PORTS } from '../../../src/contract/ports.js';
import type { ShardFacts } from '../../../src/node/facts.js';
import { render } from '../../../src/node/render/index.js';
import { TURN_PEERS } from '../../../src/node/render/turn.js';
import { sampleMembers, teamFacts } from '../../sample-facts.js';
import { answersIn, file, inShard } from '../shard.js';
import type { Answers, Plan } from './script.js';

/** All other machines are addresses of the shard's own machine, which echo every message. */
const { bridge, shardB } = sampleMembers;
const newcomer = { ...bridge, instanceId: 'i-0dd', privateAddress: '10.20.1.21' };
const facts = teamFacts([bridge, shardB]);
const other: ShardFacts = {
  ...facts,
  spec: { ...facts.spec, shard: 'b' },
  instance: { ...facts.instance, privateAddress: shardB.privateAddress },
};
const own = facts.instance.privateAddress;

const peers = {
  bridge: { address: bridge.privateAddress, port: PORTS.media },
  'another port of a bridge': { address: bridge.privateAddress, port: 10_001 },
  'another machine': { address: '10.20.1.30', port: PORTS.media },
  'another shard': { address: shardB.privateAddress, port: PORTS.media },
  itself: { address: own, port: PORTS.media },
  loopback: { address: '127.0.0.1', port: PORTS.media },
  metadata: { address: '169.254.169.254', port: PORTS.media },
  'the internet': { address: '198.51.100.9', port: PORTS.media },
};

/** A port of no daemon, where a socket of the test receives whatever reaches this machine. */
const PORT = 20_000;
const target = (address: string, port = PORT) => ({ address, port });
const targets = {
  'loopback in IPv6': target('::1'),
  'loopback, mapped to IPv6': target('::ffff:127.0.0.1'),
  'loopback, compatible with IPv6': target('::127.0.0.1'),
  'loopback by another address': target('127.1.2.3'),
  'a private address, mapped to IPv6': target(`::ffff:${own}`),
  'metadata, mapped to IPv6': target('::ffff:169.254.169.254'),
  'metadata in IPv6': target('fd00:ec2::254'),
  'loopback by NAT64': target('64:ff9b::127.0.0.1'),
  'loopback by 6to4': target('2002:7f00:1::'),
  'no address': target('0.0.0.0'),
  'no address in IPv6': target('::'),
  'no address, mapped to IPv6': target('::ffff:0.0.0.0'),
  'this network': target('0.1.2.3'),
  'a link-local address': target('169.254.1.1'),
  'a link-local address in IPv6': target('fe80::1'),
  'a multicast group': target('224.0.0.1'),
  'a multicast group in IPv6': target('ff02::1'),
  broadcast: target('255.255.255.255'),
};
/** Allowed by coturn, which knows only the ranges of VPCs. The kernel drops what it sends there. */
const ports = {
  'its own port': target(own, PORTS.turnServer),
  'the port of Prosody': target(own, PORTS.prosodyClient),
  'the port of the agent': target(own, PORTS.agentForBridges),
  'another port of this machine': target(own),
  'broadcast in the network': target('10.255.255.255'),
};

const textOf = (of: ShardFacts, path: string): string =>
  render(of).find((file) => file.path === path)?.text ?? '';

/** Addresses of the other machines, and the relay of the other shard. */
const OTHERS = `
for address in ${[newcomer.privateAddress, ...Object.values(peers).map(({ address }) => address)].join(' ')}; do
  ip address add $address/32 dev lo 2>/dev/null
done
as turnserver other turnserver -c /etc/other.conf --pidfile=
`;

describe('TURN', () => {
  let answers: Answers;

  beforeAll(async () => {
    const plan: Plan = {
      domain: facts.spec.domain,
      secret: facts.passwords.turn,
      edge: PORTS.turn,
      peers,
      targets: { ...targets, ...ports },
      newcomer: { address: newcomer.privateAddress, port: PORTS.media },
      rules: {
        path: TURN_PEERS,
        text: textOf({ ...facts, members: [...facts.members, newcomer] }, TURN_PEERS),
      },
    };
    // Of the other shard, less the address that both have here.
    const relay = textOf(other, '/etc/turnserver.conf').replace('listening-ip=127.0.0.1\n', '');
    const output = await inShard(facts, {
      program: './test/integration/turn/script.ts',
      plan,
      files: [file('/etc/other.conf', relay, 0o640, 'root:turnserver')],
      before: OTHERS,
    });
    answers = answersIn(output);
  });

  it('has a configuration that coturn accepts without a warning', () => {
    expect(answers.log).toContain('Relay ports initialization done');
    expect(answers.log).not.toMatch(/bad configuration|unknown|deprecated|config error|warning/i);
  });

  it('is announced to logged-in participants, with a password that expires after a day', () => {
    const [service] = answers.services;
    expect(answers.services).toHaveLength(1);
    expect(service).toMatchObject({
      type: 'turns',
      host: 'turn.meet.example.org',
      port: '443',
      transport: 'tcp',
    });
    const [time, name] = (service?.username ?? '').split(':');
    const hours = (Number(time) - Date.now() / 1000) / 3600;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThanOrEqual(24);
    expect(name).toMatch(/^[0-9a-f]{16}$/);
  });

  it('requires such a password', () => {
    const { given, ...refused } = answers.allocation;
    expect(given).toBe(0);
    for (const [who, code] of Object.entries(refused)) expect(code, who).toBe(401);
  });

  it('relays to the media port of bridges', () => {
    expect(answers.peers.bridge).toEqual({ permission: 0, answered: true, open: true });
  });

  it.each(['another port of a bridge', 'another machine', 'another shard', 'itself'])(
    'does not relay to %s, and keeps the allocation',
    (name) => expect(answers.peers[name]).toEqual({ permission: 0, answered: false, open: true }),
  );

  it.each(['loopback', 'metadata', 'the internet'])('refuses a permission for %s', (name) =>
    expect(answers.peers[name]).toMatchObject({ permission: 403, answered: false }),
  );

  it.each(Object.keys(targets))('does not send to %s, through a permission or a channel', (name) => {
    const { permission, channel, sent } = answers.targets[name] ?? {};
    // 443: an address of another family than the relay's.
    expect([403, 443]).toContain(permission);
    expect([403, 443]).toContain(channel);
    expect(sent).toBe(false);
  });

  it.each(Object.keys(ports))('does not send to %s', (name) => {
    expect(answers.targets[name]?.sent).toBe(false);
  });

  it('relays UDP over IPv4 only', () => {
    expect(answers.kinds.ipv6).toBe(440);
    expect(answers.kinds.tcp).not.toBe(0);
    expect(answers.kinds.connection).not.toBe(0);
  });

  it('relays to a bridge that was added later, with the same allocation', () => {
    expect(answers.newcomer).toEqual({ before: false, after: true, others: true });
  });

  it('is served by another shard if the own relay has stopped', () => {
    expect(answers.withoutOwnRelay).toBe(true);
  });

  it('has a secret that no process list on the machine shows', () => {
    expect(answers.commandLines).toContain('turnserver -c');
    expect(answers.commandLines).not.toContain(facts.passwords.turn);
    const holding = render(facts).filter(({ text }) => text.includes(facts.passwords.turn));
    expect(holding.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ['/etc/prosody/prosody.cfg.lua', 0o640, 'root:prosody'],
      ['/etc/turnserver.conf', 0o640, 'root:turnserver'],
    ]);
  });
});
