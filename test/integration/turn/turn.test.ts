import { beforeAll, describe, expect, it } from 'vitest';
import type { CellFacts } from '../../../src/node/facts.js';
import { PORTS } from '../../../src/node/ports.js';
import type { MachineFile } from '../../../src/node/render/file.js';
import { render } from '../../../src/node/render/index.js';
import { TURN_PEERS } from '../../../src/node/render/turn.js';
import { prosodyPackage } from '../../../src/rehearsal/understudy/packages/prosody.js';
import { sampleNeighbours, teamFacts } from '../../sample-facts.js';
import { bundled } from '../bundle.js';
import { inDebian } from '../debian-root.js';
import type { Answers, Plan } from './script.js';

/**
 * A cell's edge, Prosody and coturn as they are on a machine, but for systemd. All other machines are addresses of the same
 * one, at which somebody answers everything.
 */
const { bridge, cellB } = sampleNeighbours;
const newcomer = { ...bridge, instanceId: 'i-0dd', privateAddress: '10.20.1.21' };
const facts = teamFacts([bridge, cellB]);
const other: CellFacts = {
  ...facts,
  spec: { ...facts.spec, cell: 'b' },
  surroundings: { ...facts.surroundings, privateAddress: cellB.privateAddress },
};
const own = facts.surroundings.privateAddress;

const peers = {
  bridge: { address: bridge.privateAddress, port: PORTS.media },
  'another port of a bridge': { address: bridge.privateAddress, port: 10_001 },
  'another machine': { address: '10.20.1.30', port: PORTS.media },
  'another cell': { address: cellB.privateAddress, port: PORTS.media },
  itself: { address: own, port: PORTS.media },
  loopback: { address: '127.0.0.1', port: PORTS.media },
  metadata: { address: '169.254.169.254', port: PORTS.media },
  'the internet': { address: '198.51.100.9', port: PORTS.media },
};

const textOf = (of: CellFacts, path: string): string =>
  render(of).find((file) => file.path === path)?.text ?? '';

const file = (path: string, text: string, mode = 0o644, owner = 'root:root'): MachineFile => ({
  path,
  mode,
  owner,
  text,
  readBy: [],
});

const START = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log
for address in ${[own, newcomer.privateAddress, ...Object.values(peers).map(({ address }) => address)].join(' ')}; do
  ip address add $address/32 dev lo 2>/dev/null
done
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
nft --file ${TURN_PEERS}
as turnserver coturn turnserver -c /etc/turnserver.conf --pidfile=
as turnserver other turnserver -c /etc/other.conf --pidfile=
as prosody prosody prosody -F
haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
until curl -s -o /dev/null http://127.0.0.1:${PORTS.prosodyHttp}/http-bind &&
  ss -lnt | grep -q 127.0.0.1:${PORTS.turnServer}; do sleep 0.05; done
node /opt/test/script.mjs < /opt/test/plan.json || tail /tmp/log/*
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
        text: textOf({ ...facts, neighbours: [...facts.neighbours, newcomer] }, TURN_PEERS),
      },
    };
    const { stdout, all } = await inDebian(
      [
        ...render(facts),
        ...(await prosodyPackage()).files.map(({ path, text, mode }) => file(path, text, mode)),
        // Of the other cell, less the address that both have here.
        file(
          '/etc/other.conf',
          textOf(other, '/etc/turnserver.conf').replace('listening-ip=127.0.0.1\n', ''),
          0o640,
          'root:turnserver',
        ),
        file('/opt/test/script.mjs', await bundled("import './test/integration/turn/script.ts';")),
        file('/opt/test/plan.json', JSON.stringify(plan)),
      ],
      START,
    );
    const said = /^ANSWERS (.*)$/m.exec(stdout)?.[1];
    if (!said) throw new Error(all);
    answers = JSON.parse(said) as Answers;
  });

  it('has a configuration that coturn reads without complaint', () => {
    expect(answers.log).toContain('Relay ports initialization done');
    expect(answers.log).not.toMatch(/bad configuration|unknown|deprecated|config error|warning/i);
  });

  it('is told to whoever has logged in, with a password that ends in a day', () => {
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

  it.each(['another port of a bridge', 'another machine', 'another cell', 'itself'])(
    'leads not to %s, and goes on',
    (name) => expect(answers.peers[name]).toEqual({ permission: 0, answered: false, open: true }),
  );

  it.each(['loopback', 'metadata', 'the internet'])('refuses to lead to %s', (name) =>
    expect(answers.peers[name]).toMatchObject({ permission: 403, answered: false }),
  );

  it('leads to a bridge that has come since, by the same relay', () => {
    expect(answers.newcomer).toEqual({ before: false, after: true, others: true });
  });

  it('is another cell’s where the own relay is gone', () => {
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
