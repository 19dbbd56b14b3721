import { describe, expect, it } from 'vitest';
import type { Account } from '../../cloud/account.js';
import { systemClock } from '../../cloud/clock.js';
import type { Machine } from '../../cloud/machines.js';
import { processKill } from './drill.js';

const account: Account = {
  region: 'eu-central-1',
  credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
  clock: systemClock,
  dns: { kind: 'nowhere' },
  lacks: [],
};

const machine = (id: string, role: string): Machine => ({
  id,
  role,
  shard: role === 'shard' ? 'a' : '',
  type: 't4g.medium',
  zone: 'eu-central-1a',
  publicIp: '',
  privateIp: '',
  launched: new Date(0),
  state: 'running',
  lifecycle: 'InService',
  release: '',
  bundle: '',
  image: '',
  target: '',
});

describe('a process that is killed', () => {
  it('is Prosody on a shard and Videobridge on a bridge, without replacement of the machine', async () => {
    const killed: string[] = [];
    const fault = processKill({
      ...account,
      faults: {
        killProcess: async (id, unit) => {
          killed.push(`${id} ${unit}`);
        },
        delayLaunches: () => {},
      },
    });
    await fault.bring([machine('i-1', 'shard'), machine('i-2', 'bridge')]);
    expect(killed).toEqual(['i-1 prosody', 'i-2 jitsi-videobridge2']);
    expect(fault.replaced).toBe(false);
  });

  it('requires access to processes on machines', () => {
    expect(() => processKill(account)).toThrow(
      expect.objectContaining({ name: 'NoRemoteAccess', fault: 'user' }),
    );
  });
});
