import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';
import type { DesiredState } from '../../src/rehearsal/emulated-state.js';
import { sampleState } from '../sample-state.js';
import { StageOfMachines, until } from './machines-setup.js';

type Instance = DesiredState['instances'][number];

const { instances, balancers, targetGroups } = sampleState();
const [sample] = instances;
const [group] = targetGroups;
if (!sample || !group) throw new Error('the sample has no machine');

const machine = (number: number): Instance => ({
  ...sample,
  id: `i-0000000000000000${number}`,
  privateIp: `10.20.0.${10 + number}`,
  publicIp: `203.0.113.${10 + number}`,
});
const [a, b, c] = [machine(1), machine(2), machine(3)];

/** Answers each datagram with its source address. */
const ECHO = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('0.0.0.0', 10000))
while True:
    data, peer = s.recvfrom(100)
    s.sendto(peer[0].encode(), peer)
`;
/** The address that answers a datagram, and the source address that it received. */
const ask = (address: string) => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(b'?', ('${address}', 10000))
try:
    data, peer = s.recvfrom(100)
    print(peer[0], data.decode())
except TimeoutError:
    print('silence')
`;
/** Accepts connections and holds them. */
const HOLD = `
import socket
s = socket.create_server(('0.0.0.0', 7000))
held = []
while True: held.append(s.accept())
`;
/** Keeps a connection open, and writes to a file when the other side closes it. */
const hold = (address: string, file: string) => `
import socket
s = socket.create_connection(('${address}', 7000))
open('${file}', 'w').write('open')
try: s.recv(1)
except OSError: pass
open('${file}', 'w').write('closed')
`;

describe('machines of a rehearsal', () => {
  let stage: StageOfMachines;

  beforeAll(async () => {
    stage = await StageOfMachines.start();
    await stage.launch(a, b, c);
    for (const { id } of [a, b, c]) {
      await stage.serve(id, 'echo', ECHO);
      await stage.serve(id, 'hold', HOLD);
    }
    await until(async () => (await stage.python(a.id, ask(c.privateIp))) !== 'silence');
  }, 600_000);
  afterAll(async () => {
    expect(await stage?.stop()).toEqual([]);
  }, 60_000);

  it('have their own network settings, separate from the host’s', async () => {
    const setting = '/proc/sys/net/ipv4/tcp_retries2';
    const before = readFileSync(setting, 'utf8');
    await stage.run(a.id, 'sysctl', '--quiet', '--write', 'net.ipv4.tcp_retries2=4');
    expect(await stage.run(a.id, 'cat', setting)).toBe('4');
    expect(readFileSync(setting, 'utf8')).toBe(before);
    await expect(stage.run(a.id, 'sh', '-c', 'echo 0 >/proc/sys/kernel/sysrq')).rejects.toThrow();
  });

  it('have a CPU limit, so that their daemons measure the machine’s load and not the host’s', async () => {
    const files = '/sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us';
    const limit = await stage.run(a.id, 'sh', '-c', `cat ${files} 2>/dev/null || true`);
    expect(Number.parseInt(limit, 10)).toBe(availableParallelism() * 100_000);
  });

  it('reach each other, and themselves, by their public addresses', async () => {
    expect(await stage.python(a.id, ask(b.privateIp))).toBe(`${b.privateIp} ${a.privateIp}`);
    expect(await stage.python(a.id, ask(b.publicIp ?? ''))).toBe(`${b.publicIp} ${a.publicIp}`);
    expect(await stage.python(a.id, ask(a.publicIp ?? ''))).toBe(`${a.publicIp} ${a.publicIp}`);
  });

  it('have a router whose link address stays the same when machines are added', async () => {
    await stage.python(a.id, ask(ADDRESSES.gateway));
    const [, link] =
      /10\.20\.0\.1 .* ((?:[0-9a-f]{2}:){5}[0-9a-f]{2}) /.exec(
        await stage.run(a.id, 'cat', '/proc/net/arp'),
      ) ?? [];
    expect(link).toBe('02:00:0a:14:00:01');
  });

  it('send and receive nothing during a partition, and keep their connections', async () => {
    await stage.serve(a.id, 'to-b', hold(b.privateIp, '/run/to-b'));
    await until(async () => (await stage.run(a.id, 'cat', '/run/to-b')) === 'open');
    for (let times = 0; times < 2; times++) await stage.machines.inject({ kind: 'partition', id: b.id });
    expect(await stage.python(a.id, ask(b.privateIp))).toBe('silence');
    expect(await stage.python(b.id, ask(a.publicIp ?? ''))).toBe('silence');
    expect(await stage.python(a.id, ask(c.privateIp))).toContain(c.privateIp);
    for (let times = 0; times < 2; times++) await stage.machines.inject({ kind: 'heal', id: b.id });
    expect(await stage.python(a.id, ask(b.privateIp))).toContain(b.privateIp);
    expect(await stage.run(a.id, 'cat', '/run/to-b')).toBe('open');
  });

  it('run no process while they are paused', async () => {
    for (let times = 0; times < 2; times++) await stage.machines.inject({ kind: 'pause', id: b.id });
    expect(await stage.python(a.id, ask(b.privateIp))).toBe('silence');
    for (let times = 0; times < 2; times++) await stage.machines.inject({ kind: 'resume', id: b.id });
    expect(await stage.python(a.id, ask(b.privateIp))).toContain(b.privateIp);
    expect(await stage.run(a.id, 'cat', '/run/to-b')).toBe('open');
  });

  it('can have a process killed, and a unit stopped and started', async () => {
    const state = (unit: string) =>
      stage.run(b.id, 'systemctl', 'show', '--property=Result,ActiveState', '--value', unit);
    await stage.run(b.id, 'systemd-run', '--quiet', '--unit=victim', '--remain-after-exit', 'sleep', '1d');
    await stage.machines.inject({ kind: 'kill-process', id: b.id, unit: 'victim' });
    await until(async () => (await state('victim')).includes('signal'));
    await stage.machines.inject({ kind: 'stop-unit', id: b.id, unit: 'dbus.service' });
    expect(await state('dbus.service')).toContain('inactive');
    await stage.machines.inject({ kind: 'start-unit', id: b.id, unit: 'dbus.service' });
    expect(await state('dbus.service')).not.toContain('inactive');
    await expect(stage.machines.inject({ kind: 'kill-process', id: b.id, unit: 'nobody' })).rejects.toThrow(
      /nobody\.service not loaded/,
    );
  });

  it('close their connections when they are terminated, but not when they lose power', async () => {
    await stage.serve(a.id, 'to-c', hold(c.privateIp, '/run/to-c'));
    await until(async () => (await stage.run(a.id, 'cat', '/run/to-c')) === 'open');
    const end = (id: string, skipOsShutdown: boolean) =>
      stage.follow({
        instances: stage.desired.instances.map((each) =>
          each.id === id ? { ...each, wanted: 'terminated', skipOsShutdown } : each,
        ),
      });
    await end(c.id, true);
    await until(() => stage.machines.reality[c.id] === undefined);
    await end(b.id, false);
    await until(async () => (await stage.run(a.id, 'cat', '/run/to-b')) === 'closed');
    await until(() => stage.machines.reality[b.id] === undefined);
    expect(await stage.run(a.id, 'cat', '/run/to-c')).toBe('open');
  });

  it('can be terminated while they are paused', async () => {
    await stage.machines.inject({ kind: 'pause', id: a.id });
    await stage.follow({ instances: [] });
    await until(() => stage.machines.reality[a.id] === undefined);
  });
});

describe('the load balancer of a rehearsal', () => {
  let stage: StageOfMachines;
  const target = ({ id, privateIp }: Instance) => ({ id, ip: privateIp, port: 80 });
  const register = (...targets: Instance[]) =>
    stage.follow({
      balancers,
      targetGroups: [
        {
          ...group,
          healthCheck: { ...group.healthCheck, interval: 1, timeout: 1 },
          targets: targets.map(target),
        },
      ],
    });
  const health = async (id: string) => (await stage.follow())[group.arn]?.[id]?.state;
  const isHealth = (id: string, state: string) => until(async () => (await health(id)) === state);
  /** The targets that answer twenty requests. */
  const servers = async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => stage.get()));
    return [
      ...new Set(answers.map(({ status, body }) => (status === 200 ? body : String(status)))),
    ].toSorted();
  };

  beforeAll(async () => {
    stage = await StageOfMachines.start();
    await stage.launch(a, b);
    await stage.serveWeb(a.id, true);
  }, 600_000);
  afterAll(async () => {
    expect(await stage?.stop()).toEqual([]);
  }, 60_000);

  it('returns 503 while there are no targets', async () => {
    await register();
    await until(() => existsSync(stage.resources.sockets.web));
    await until(async () => (await stage.get().catch(() => undefined))?.status === 503);
  });

  it('sends requests to a new target only after its first successful check', async () => {
    await register(a);
    await isHealth(a.id, 'healthy');
    await register(a, b);
    expect(await servers()).toEqual([a.id]);
    await stage.serveWeb(b.id, true);
    await isHealth(b.id, 'healthy');
    expect(await servers()).toEqual([a.id, b.id]);
  });

  it('sends no requests to an unhealthy target, and keeps its WebSockets', async () => {
    await stage.beWell(a.id, false);
    await isHealth(a.id, 'unhealthy');
    expect(await servers()).toEqual([b.id]);
    await stage.beWell(a.id, true);
    await stage.beWell(b.id, false);
    await isHealth(a.id, 'healthy');
    await isHealth(b.id, 'unhealthy');
    const socket = await stage.webSocket();
    await stage.beWell(a.id, false);
    await isHealth(a.id, 'unhealthy');
    socket.write('still');
    expect(String(await once(socket, 'data'))).toBe('still');
    socket.destroy();
  });

  it('sends requests to all targets if all are unhealthy', async () => {
    expect(await servers()).toEqual([a.id, b.id]);
  });

  it('returns 502 for a target that refuses the connection, without a retry', async () => {
    await stage.machines.inject({ kind: 'stop-unit', id: b.id, unit: 'web' });
    expect(await servers()).toEqual(['502', a.id]);
  });

  it('returns 504 for a target that does not answer', async () => {
    await stage.machines.inject({ kind: 'partition', id: b.id });
    expect(await servers()).toEqual(['504', a.id]);
    await stage.machines.inject({ kind: 'heal', id: b.id });
  });

  it('keeps a WebSocket when other targets change, and when its own is deregistered', async () => {
    await stage.beWell(a.id, true);
    await isHealth(a.id, 'healthy');
    const socket = await stage.webSocket();
    await register(a);
    await register(b);
    await until(async () => (await health(b.id)) === 'unhealthy');
    socket.write('kept');
    expect(String(await once(socket, 'data'))).toBe('kept');
    socket.destroy();
  });
});
