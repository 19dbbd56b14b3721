import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredState } from '../../src/rehearsal/emulated-state.js';
import { sampleState } from '../sample-state.js';
import { StageOfMachines, until } from './machines-setup.js';

type Instance = DesiredState['instances'][number];

const [sample] = sampleState().instances;
if (!sample) throw new Error('the sample has no machine');

/** Says on its console that it was provisioned, with its name. */
const SAY = '#!/bin/sh\necho "provisioned $(uname -n) $(cat /etc/made 2>/dev/null)"\n';

const machine = (number: number, changes: Partial<Instance> = {}): Instance => ({
  ...sample,
  id: `i-0000000000000000${number}`,
  privateIp: `10.20.0.${10 + number}`,
  publicIp: `203.0.113.${10 + number}`,
  userData: Buffer.from(SAY).toString('base64'),
  ...changes,
});

/** The host name that cloud-init gives it. */
const name = ({ privateIp }: Instance) => `ip-${privateIp.replaceAll('.', '-')}`;

describe('images of machines of a rehearsal', () => {
  let stage: StageOfMachines;
  const [a, b] = [machine(1), machine(2)];
  const state = (id: string) => stage.machines.reality[id]?.state;
  const want = (id: string, wanted: Instance['wanted']) =>
    stage.follow({
      instances: stage.desired.instances.map((each) => (each.id === id ? { ...each, wanted } : each)),
    });
  const console = (id: string) => readFileSync(join(stage.resources.run, 'consoles', `${id}.log`), 'utf8');
  const image = (id: string, instance: string, live = false) => ({ id, instance, live });
  const isMade = (id: string) =>
    until(async () => {
      await stage.follow();
      return stage.machines.images.reality[id]?.state === 'available';
    });

  beforeAll(async () => {
    stage = await StageOfMachines.start();
    await stage.launch(a);
  }, 600_000);
  afterAll(async () => {
    expect(await stage?.stop()).toEqual([]);
  }, 300_000);

  it('are made of a stopped machine, and have nothing of what the rehearsal gave it', async () => {
    await until(() => console(a.id).includes(`provisioned ${name(a)}`));
    await stage.run(
      a.id,
      'sh',
      '-c',
      'echo before >/etc/made; echo outside >>/var/log/cloud-init-output.log',
    );
    await want(a.id, 'stopped');
    await until(() => state(a.id) === 'stopped');
    await stage.follow({ images: [image('ami-a1', a.id)] });
    await isMade('ami-a1');
    expect(state(a.id)).toBe('stopped');

    const other = machine(3, { imageId: 'ami-a1' });
    await stage.launch(b, other);
    // cloud-init runs again, since it is another machine.
    await until(() => console(other.id).includes(`provisioned ${name(other)} before`));
    expect(console(other.id)).not.toContain('outside');
    await until(() => console(b.id).includes(`provisioned ${name(b)} \n`));
    for (const file of ['/etc/hostname', '/etc/hosts'])
      expect(await stage.run(other.id, 'cat', file)).not.toMatch(new RegExp(`${a.id}|${name(a)}`));
  }, 600_000);

  it('are removed once no machine uses them', async () => {
    const names = () => stage.podman.inside('images', '--noheading', 'localhost/convoke/machine');
    await stage.follow({ images: [] });
    expect(await names()).toContain('ami-a1');
    await want('i-00000000000000003', 'terminated');
    await until(async () => (await names()) === '');
  }, 300_000);

  it('are made of a running machine without stopping it, if asked', async () => {
    await stage.follow({ images: [image('ami-a2', b.id, true)] });
    await isMade('ami-a2');
    expect(state(b.id)).toBe('running');
  }, 300_000);

  it('of a machine that does not exist fail', async () => {
    await stage.follow({ images: [image('ami-a3', 'i-9')] });
    expect(stage.machines.images.reality['ami-a3']?.state).toBe('failed');
  });

  it('leave a machine that can be started again, with its files and its addresses', async () => {
    await want(a.id, 'running');
    await until(() => state(a.id) === 'running');
    expect(await stage.run(a.id, 'cat', '/etc/made')).toBe('before');
    await until(async () => (await stage.python(b.id, ask(a.publicIp ?? ''))) === 'connected');
  }, 300_000);

  it('see a machine that shuts itself down as stopped, and one that is killed as dead', async () => {
    await stage.run(a.id, 'systemctl', 'poweroff').catch(() => {});
    await until(() => state(a.id) === 'stopped');
    await stage.podman.inside('kill', '--signal', 'KILL', b.id);
    await until(() => state(b.id) === 'dead');
    await stage.follow({ instances: [] });
    await until(() => state(a.id) === undefined && state(b.id) === undefined);
  }, 300_000);
});

/** Whether an address refuses a connection, which a machine does for a port without a daemon. */
const ask = (address: string) => `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.settimeout(2)
try:
    s.connect(('${address}', 22))
    print('connected')
except OSError as error:
    print(error)
`;
