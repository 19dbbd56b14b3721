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

/** Answers each datagram with its source address. */
const ECHO = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 10000))
while True:
    data, peer = s.recvfrom(100)
    s.sendto(peer[0].encode(), peer)
`;
/** The source address of a datagram as the other side received it, or that there was no answer. */
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
/** Echoes what it receives over a connection. */
const REPEAT = `
import socket, threading
def repeat(s):
    while data := s.recv(100): s.sendall(data)
server = socket.create_server(('0.0.0.0', 7000))
while True: threading.Thread(target=repeat, args=(server.accept()[0],)).start()
`;
/** Opens a connection, and sends over it when a file requests it; writes the number of answers to another file. */
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
/** A healthy web server. */
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
/** Whether a connection is accepted, refused, or not answered. */
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
  /** A packet that passes may be slow on a busy host. */
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

  it('admit only traffic that a rule allows', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    await hears(() => says(a, b.privateIp), a.privateIp);
    expect(await says(c, b.privateIp)).toBe('silence');
    expect(await says(b, a.privateIp)).toBe('silence');
    expect(await stage.python(a, call(b.privateIp, 7000))).toBe('silence');
    expect(await stage.python(a, call(b.privateIp, 10_000))).toBe('silence');
  });

  it('match members of a group by private addresses only; public addresses are matched by ranges', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    expect(await says(a, b.publicIp ?? '')).toBe('silence');
    await groups(group(A), group(B, [media({ ranges: [`${a.publicIp}/32`] })]));
    await hears(() => says(a, b.publicIp ?? ''), a.publicIp);
    expect(await says(a, b.privateIp)).toBe('silence');
  });

  it('let members of a group reach each other if it references itself', async () => {
    await groups(group(A), group(B), group(PEERS, [media({ groups: [PEERS] })]));
    await hears(() => says(b, c.privateIp), b.privateIp);
    await hears(() => says(c, b.privateIp), c.privateIp);
    expect(await says(a, b.privateIp)).toBe('silence');
  });

  it('apply to members that join or leave a group', async () => {
    const securityGroups = [group(A), group(B, [media({ groups: [A] })])];
    await stage.follow({ securityGroups, instances: [{ ...a, groups: [] }, b, { ...c, groups: [A] }] });
    await hears(() => says(c, b.privateIp), c.privateIp);
    expect(await says(a, b.privateIp)).toBe('silence');
    await stage.follow({ instances: [a, b, c] });
    await hears(() => says(a, b.privateIp), a.privateIp);
  });

  it('pass outbound traffic that a rule allows, and to EC2’s own services always', async () => {
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

  it('keep open connections when their rule is removed, and admit no new ones', async () => {
    await groups(group(A), group(B, [rule(TCP, 7000, { groups: [A] })]));
    stage.serve(a, TALK, b.privateIp, folder);
    const heard = () => existsSync(join(folder, 'heard')) && readFileSync(join(folder, 'heard'), 'utf8');
    await until(() => heard() === '0');
    await groups(group(A), group(B));
    expect(await stage.python(a, call(b.privateIp, 7000))).toBe('silence');
    writeFileSync(join(folder, 'say-0'), '');
    await until(() => heard() === '1');
  });

  it('do not affect a partition, nor its end', async () => {
    await groups(group(A), group(B, [media({ groups: [A] })]));
    await stage.partition(b);
    await groups(group(A), group(B, [media({ groups: [A] }), rule(TCP, 1, { groups: [A] })]));
    expect(await says(a, b.privateIp)).toBe('silence');
    await stage.heal(b);
    await hears(() => says(a, b.privateIp), a.privateIp);
  });

  it('admit the internet to public addresses only, and only if a rule’s range contains it', async () => {
    await groups(group(A), group(B, [media({ ranges: ['0.0.0.0/0'] })]));
    await hears(() => fromInternet(ask(b.publicIp ?? '')), ADDRESSES.internet);
    expect(await fromInternet(ask(b.privateIp))).toBe('silence');
    expect(await fromInternet(ask(a.publicIp ?? ''))).toBe('silence');
    expect(await fromInternet(call(b.publicIp ?? '', 7000))).toBe('silence');
  });

  it('pass nothing over IPv6, for which machines have no address', async () => {
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

  describe('on a load balancer', () => {
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

    it('admit it to targets whose rules reference them', async () => {
      await isHealth('healthy');
    });

    it('block its requests and health checks to targets that do not reference them', async () => {
      await groups(group(DOOR, [https], [toTargets]), group(B, [rule(TCP, 80, { groups: [A] })]));
      await isHealth('unhealthy');
      await groups(group(DOOR, [https], [toTargets]), group(B, [web]));
      await isHealth('healthy');
    });

    it('limit its destinations', async () => {
      await groups(group(DOOR, [https], [rule(TCP, 80, { groups: [A] })]), group(B, [web]));
      await isHealth('unhealthy');
      await groups(group(DOOR, [https], [toTargets]), group(B, [web]));
      await isHealth('healthy');
    });

    it('limit its clients, machines by their public addresses', async () => {
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
