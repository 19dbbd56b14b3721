import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';
import type { DesiredState } from '../../src/rehearsal/emulated-state.js';
import { EVERYTHING, sampleState } from '../sample-state.js';
import { StageOfNetwork } from './network-setup.js';

type Instance = DesiredState['instances'][number];
type Group = DesiredState['securityGroups'][number];
type Rule = Group['inbound'][number];

const { instances, balancers, targetGroups } = sampleState();
const [sample] = instances;
const [balancer] = balancers;
const [targets] = targetGroups;
if (!sample || !balancer || !targets) throw new Error('the sample lacks something');

const machine = (number: number, ...groups: string[]): Instance => ({
  ...sample,
  id: `i-${number}`,
  privateIp: `10.20.0.${10 + number}`,
  publicIp: `203.0.113.${10 + number}`,
  groups,
});
const [A, B, DOOR, PEERS] = ['sg-a', 'sg-b', 'sg-d', 'sg-e'];
const [a, b, c] = [machine(1, A), machine(2, B, PEERS), machine(3, B, PEERS)];

const TCP = 6;
const UDP = 17;
const rule = (protocol: number, port: number, from: Partial<Rule>): Rule => ({
  protocol,
  ports: { from: port, to: port },
  ranges: [],
  groups: [],
  ...from,
});
const media = (from: Partial<Rule>) => rule(UDP, 10_000, from);
const group = (id: string, inbound: Rule[] = [], outbound: Rule[] = [EVERYTHING]): Group => ({
  id,
  inbound,
  outbound,
});

/** Answers each datagram with the address that it came from. */
const ECHO = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 10000))
while True:
    data, peer = s.recvfrom(100)
    s.sendto(peer[0].encode(), peer)
`;
/** From whom a datagram arrives there, or that nothing is heard. */
const ask = (address: string) => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
try:
    s.sendto(b'?', ('${address}', 10000))
    print(s.recvfrom(100)[0].decode())
except (TimeoutError, PermissionError):
    print('silence')
`;
/** Sends back what comes over a connection. */
const REPEAT = `
import socket, threading
def repeat(s):
    while data := s.recv(100): s.sendall(data)
server = socket.create_server(('0.0.0.0', 7000))
while True: threading.Thread(target=repeat, args=(server.accept()[0],)).start()
`;
/** Opens a connection, and sends over it when it is told to by a file; another file says how often there was an answer. */
const TALK = `
import os, sys, socket, time
address, folder = sys.argv[1:]
s = socket.create_connection((address, 7000))
heard = 0
while True:
    open(f'{folder}/heard', 'w').write(str(heard))
    while not os.path.exists(f'{folder}/say-{heard}'): time.sleep(0.05)
    s.sendall(b'x')
    s.recv(1)
    heard += 1
`;
/** A web server that is well. */
const WEB = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('0.0.0.0', 80), Handler).serve_forever()
`;
/** Whether a connection is accepted, or refused, or nothing comes back. */
const call = (address: string, port: number) => `
import socket
try:
    socket.create_connection(('${address}', ${port}), 1)
    print('accepted')
except ConnectionRefusedError: print('refused')
except TimeoutError: print('silence')
`;

const until = (condition: () => Promise<boolean> | boolean) =>
  pWaitFor(condition, { interval: 50, timeout: 30_000 });

describe('security groups', () => {
  let stage: StageOfNetwork;
  const folder = mkdtempSync(join(tmpdir(), 'convoke-groups-'));
  const groups = (...securityGroups: Group[]) => stage.follow({ securityGroups });
  const says = (from: Instance, to: string) => stage.python(from, ask(to));
  /** Something that passes may take its time on a busy host. */
  const hears = (said: () => Promise<string>, what: string | null) =>
    until(async () => (await said()) === what);
  const fromInternet = (program: string) => stage.fromInternet(program);

  beforeAll(async () => {
    stage = await StageOfNetwork.start();
    await stage.launch(a, b, c);
    for (const each of [a, b, c]) {
      stage.serve(each, ECHO);
      stage.serve(each, REPEAT);
      await groups(group(A), group(B, [EVERYTHING]), group(each === a ? A : B, [EVERYTHING]));
      const other = each === a ? b : a;
      await until(async () => (await says(other, each.privateIp)) === other.privateIp);
      await until(async () => (await stage.python(other, call(each.privateIp, 7000))) === 'accepted');
    }
  });
  afterAll(async () => {
    expect(await stage?.stop()).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('let in what a rule allows, and nothing else', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    await hears(() => says(a, b.privateIp), a.privateIp);
    expect(await says(c, b.privateIp)).toBe('silence');
    expect(await says(b, a.privateIp)).toBe('silence');
    expect(await stage.python(a, call(b.privateIp, 7000))).toBe('silence');
    expect(await stage.python(a, call(b.privateIp, 10_000))).toBe('silence');
  });

  it('know members of a group by private addresses only: who comes by a public one is matched by ranges', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    expect(await says(a, b.publicIp ?? '')).toBe('silence');
    await groups(group(A), group(B, [media({ ranges: [`${a.publicIp}/32`] })]));
    await hears(() => says(a, b.publicIp ?? ''), a.publicIp);
    expect(await says(a, b.privateIp)).toBe('silence');
  });

  it('let members of a group reach each other where it names itself', async () => {
    await groups(group(A), group(B), group(PEERS, [media({ groups: [PEERS] })]));
    await hears(() => says(b, c.privateIp), b.privateIp);
    await hears(() => says(c, b.privateIp), c.privateIp);
    expect(await says(a, b.privateIp)).toBe('silence');
  });

  it('follow the members that a group has', async () => {
    const securityGroups = [group(A), group(B, [media({ groups: [A] })])];
    await stage.follow({ securityGroups, instances: [{ ...a, groups: [] }, b, { ...c, groups: [A] }] });
    await hears(() => says(c, b.privateIp), c.privateIp);
    expect(await says(a, b.privateIp)).toBe('silence');
    await stage.follow({ instances: [a, b, c] });
    await hears(() => says(a, b.privateIp), a.privateIp);
  });

  it('let out what a rule allows, and EC2’s own services in any case', async () => {
    const open = group(B, [EVERYTHING]);
    await groups(group(A, [], [media({ groups: [B] })]), open);
    await hears(() => says(a, b.privateIp), a.privateIp);
    expect(await stage.python(a, call(b.privateIp, 7000))).toBe('silence');
    expect(await says(a, b.publicIp ?? '')).toBe('silence');
    await hears(() => stage.python(a, call(ADDRESSES.metadata, 80)), 'accepted');
    await groups(group(A, [], [media({ ranges: [`${b.publicIp}/32`] })]), open);
    await hears(() => says(a, b.publicIp ?? ''), a.publicIp);
    expect(await says(a, b.privateIp)).toBe('silence');
  });

  it('keep connections that are open when their rule goes, and take no new ones', async () => {
    await groups(group(A), group(B, [rule(TCP, 7000, { groups: [A] })]));
    stage.serve(a, TALK, b.privateIp, folder);
    const heard = () => existsSync(join(folder, 'heard')) && readFileSync(join(folder, 'heard'), 'utf8');
    await until(() => heard() === '0');
    await groups(group(A), group(B));
    expect(await stage.python(a, call(b.privateIp, 7000))).toBe('silence');
    writeFileSync(join(folder, 'say-0'), '');
    await until(() => heard() === '1');
  });

  it('do not stand in the way of a partition, nor of its end', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    await stage.partition(b);
    await groups(group(A), group(B, [media({ groups: [A] }), rule(TCP, 1, { groups: [A] })]));
    expect(await says(a, b.privateIp)).toBe('silence');
    await stage.heal(b);
    await hears(() => says(a, b.privateIp), a.privateIp);
  });

  it('let the internet in by public addresses only, and only where a range of a rule has it', async () => {
    await groups(group(A), group(B, [media({ ranges: ['0.0.0.0/0'] })]));
    await hears(() => fromInternet(ask(b.publicIp ?? '')), ADDRESSES.internet);
    expect(await fromInternet(ask(b.privateIp))).toBe('silence');
    expect(await fromInternet(ask(a.publicIp ?? ''))).toBe('silence');
    expect(await fromInternet(call(b.publicIp ?? '', 7000))).toBe('silence');
  });

  it('pass nothing over IPv6, which no machine has an address of', async () => {
    await groups(group(A, [EVERYTHING]), group(B, [EVERYTHING]), group(PEERS));
    const own = await stage.python(b, "print(open('/proc/net/if_inet6').read())");
    const link = own.match(/^fe80.*eth0$/m)?.[0] ?? '';
    const address = link.slice(0, 32).replace(/(.{4})(?=.)/g, '$1:');
    expect(address).not.toBe('');
    expect(
      await stage.python(
        a,
        `
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
s.settimeout(1)
try:
    s.connect(('${address}', 7000, 0, socket.if_nametoindex('eth0')))
    print('accepted')
except ConnectionRefusedError: print('refused')
except OSError: print('silence')
`,
      ),
    ).toBe('silence');
  });

  describe('of a load balancer', () => {
    const web = rule(TCP, 80, { groups: [DOOR] });
    const https = rule(TCP, 443, { ranges: ['0.0.0.0/0'] });
    const toTargets = rule(TCP, 80, { groups: [B] });
    const health = async () => (await stage.follow())[targets.arn]?.[b.id]?.state;
    const isHealth = (state: string) => until(async () => (await health()) === state);

    beforeAll(async () => {
      stage.serve(b, WEB);
      await stage.follow({
        securityGroups: [group(DOOR, [https], [toTargets]), group(B, [web]), group(A)],
        balancers: [{ ...balancer, groups: [DOOR] }],
        targetGroups: [
          {
            ...targets,
            healthCheck: { ...targets.healthCheck, interval: 1, timeout: 1 },
            targets: [{ id: b.id, ip: b.privateIp, port: 80 }],
          },
        ],
      });
    });

    it('are those that its targets name', async () => {
      await isHealth('healthy');
    });

    it('keep its requests and health checks from targets that do not name it', async () => {
      await groups(group(DOOR, [https], [toTargets]), group(B, [rule(TCP, 80, { groups: [A] })]));
      await isHealth('unhealthy');
      await groups(group(DOOR, [https], [toTargets]), group(B, [web]));
      await isHealth('healthy');
    });

    it('say where it may send', async () => {
      await groups(group(DOOR, [https], [rule(TCP, 80, { groups: [A] })]), group(B, [web]));
      await isHealth('unhealthy');
      await groups(group(DOOR, [https], [toTargets]), group(B, [web]));
      await isHealth('healthy');
    });

    it('say who reaches it, machines by their public addresses', async () => {
      const { balancer: door } = ADDRESSES;
      await groups(group(DOOR, [https], [toTargets]), group(B, [web]), group(A));
      await hears(() => fromInternet(call(door, 443)), 'accepted');
      expect(await fromInternet(call(door, 80))).toBe('silence');
      await hears(() => stage.python(a, call(door, 443)), 'accepted');
      await groups(
        group(DOOR, [rule(TCP, 443, { ranges: [`${a.publicIp}/32`] })], [toTargets]),
        group(B, [web]),
        group(A),
      );
      await hears(() => stage.python(a, call(door, 443)), 'accepted');
      expect(await fromInternet(call(door, 443))).toBe('silence');
      await groups(group(DOOR, [rule(TCP, 443, { groups: [A] })], [toTargets]), group(B, [web]), group(A));
      expect(await stage.python(a, call(door, 443))).toBe('silence');
    });
  });
});
