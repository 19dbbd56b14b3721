import { beforeAll, describe, expect, it } from 'vitest';
import { PORTS } from '../../../src/contract/ports.js';
import type { ShardFacts } from '../../../src/node/facts.js';
import { render } from '../../../src/node/render/index.js';
import { TURN_PEERS } from '../../../src/node/render/turn.js';
import { sampleMembers, teamFacts } from '../../sample-facts.js';
import { answersIn, file, inShard } from '../shard.js';
import type { Answers, Plan } from './script.js';

/** All other machines are addresses of the shard's own machine, at which somebody answers everything. */
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

  it('has a configuration that coturn reads without complaint', () => {
    expect(answers.log).toContain('Relay ports initialization done');
    expect(answers.log).not.toMatch(/bad configuration|unknown|deprecated|config error|warning/i);
  });

  it('is sent to logged-in participants, with a password that expires after a day', () => {
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

  it('is for who has such a password, and for nobody else', () => {
    const { given, ...refused } = answers.allocation;
    expect(given).toBe(0);
    for (const [who, code] of Object.entries(refused)) expect(code, who).toBe(401);
  });

  it('leads to bridges, to where they take media', () => {
    expect(answers.peers.bridge).toEqual({ permission: 0, answered: true, open: true });
  });

  it.each(['another port of a bridge', 'another machine', 'another shard', 'itself'])(
    'leads not to %s, and goes on',
    (name) => expect(answers.peers[name]).toEqual({ permission: 0, answered: false, open: true }),
  );

  it.each(['loopback', 'metadata', 'the internet'])('refuses to lead to %s', (name) =>
    expect(answers.peers[name]).toMatchObject({ permission: 403, answered: false }),
  );

  it('leads to a bridge that has come since, by the same relay', () => {
    expect(answers.newcomer).toEqual({ before: false, after: true, others: true });
  });

  it('is another shard’s where the own relay is gone', () => {
    expect(answers.withoutOwnRelay).toBe(true);
  });

  it('shows its secret to nobody on the machine', () => {
    expect(answers.commandLines).toContain('turnserver -c');
    expect(answers.commandLines).not.toContain(facts.passwords.turn);
    const holding = render(facts).filter(({ text }) => text.includes(facts.passwords.turn));
    expect(holding.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ['/etc/prosody/prosody.cfg.lua', 0o640, 'root:prosody'],
      ['/etc/turnserver.conf', 0o640, 'root:turnserver'],
    ]);
  });
});
