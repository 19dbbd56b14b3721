import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlertLog, occurrencesIn } from '../../src/alerts/log.js';
import type { Account } from '../../src/cloud/account.js';
import { client } from '../../src/cloud/clients.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { alertsName } from '../../src/contract/names.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { type UpgradeOptions, upgrade } from '../../src/operations/upgrade.js';
import { buildFakes } from '../../src/rehearsal/fakes/build.js';
import { EmulatedAccount } from './control-plane/account.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-releases-'));
await buildFakes(folder, { version: '0.1~fake' });
const deployment: Deployment = parseDeployment(
  `domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\nsize: team\npackages: {directory: ${folder}}\n`,
  'a file of the test',
);
let emulated: EmulatedAccount;
let account: Account;

const upOf = (given: Deployment, machines?: 'later') =>
  up({
    account,
    deployment: given,
    join: false,
    check: false,
    onProgress: () => {},
    ...(machines && { machines }),
  });

/** Upgrades, and returns the steps that ended, in order. */
async function upgraded(options: Partial<UpgradeOptions> = {}): Promise<string[]> {
  const steps: string[] = [];
  await upgrade({
    account,
    deployment,
    join: false,
    check: false,
    onProgress: (event) => {
      if (event.kind === 'step' && event.state === 'done') steps.push(event.id);
    },
    ...options,
  });
  return steps;
}

const machines = async () =>
  (await status(account, deployment)).machines.filter(({ lifecycle }) => lifecycle === 'InService');
const releases = async () => [...new Set((await machines()).map(({ release }) => release))];
const ids = async () => (await machines()).map(({ id }) => id).sort();
const fault = (faults: object) => writeFileSync(join(emulated.run, 'faults.json'), JSON.stringify(faults));

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  account = emulated.account();
  await emulated.makeZone();
  await upOf(deployment);
}, 300_000);
afterAll(async () => {
  await emulated?.stop();
  rmSync(folder, { recursive: true });
});

describe('an upgrade', () => {
  it('finds nothing to do if the newest release is on all machines', async () => {
    const before = await ids();
    await upgraded();
    expect(await ids()).toEqual(before);
  }, 120_000);

  it('replaces the bridges and then shard after shard, and the group’s size is in service all the time', async () => {
    await buildFakes(folder, { version: '0.2~fake' });
    let least = Number.POSITIVE_INFINITY;
    const end = new AbortController();
    const watched = (async () => {
      while (!end.signal.aborted) {
        least = Math.min(least, (await machines()).length);
        await wait(500);
      }
    })();
    const steps = await upgraded();
    end.abort();
    await watched;
    expect(steps.filter((id) => id.startsWith('replace '))).toEqual([
      'replace convoke-meet-bridges',
      'replace convoke-meet-shard-a',
      'replace convoke-meet-shard-b',
    ]);
    expect(least).toBeGreaterThanOrEqual(4);
    expect(await releases()).toEqual(['0.2~fake']);
    expect(await status(account, deployment)).toMatchObject({ state: 'serving', differences: [] });
  }, 180_000);

  it('goes back by hand, and has nothing more to go back to than what it came from', async () => {
    await upgraded({ back: true });
    expect(await releases()).toEqual(['0.1~fake']);
    await upgraded({ back: true });
    expect(await releases()).toEqual(['0.2~fake']);
  }, 300_000);

  it('ends with every machine as it was if the new machines do not work, and says why in a sentence', async () => {
    await buildFakes(folder, { version: '0.3~fake' });
    fault({ failing: ['0.3~fake'] });
    const before = await ids();
    await expect(upgraded()).rejects.toMatchObject({
      name: 'Undone',
      message: expect.stringMatching(
        /^The bridges could not be replaced: The new machine i-\w+ did not become healthy\.$/,
      ),
    });
    expect(await ids()).toEqual(before);
    const now = await status(account, deployment);
    expect(now).toMatchObject({ state: 'serving', release: { name: '0.2~fake' } });
    const failedLaunches = async () =>
      occurrencesIn(
        await new AlertLog(client(account, SSMClient), alertsName(deployment.name)).read(),
      ).filter(({ kind }) => kind === 'launch-failed');
    await pWaitFor(async () => (await failedLaunches()).length > 0, { interval: 200, timeout: 20_000 });
    expect((await failedLaunches())[0]).toHaveProperty('machine', expect.stringMatching(/^i-/));
    fault({});
    await upOf(deployment);
    expect(await ids()).toEqual(before);
  }, 180_000);

  it('continues where an interrupted one was', async () => {
    const stop = new AbortController();
    await expect(
      upgraded({
        signal: stop.signal,
        onProgress: (event) => {
          if (event.kind === 'step' && event.id === 'replace convoke-meet-shard-a' && event.state === 'done')
            stop.abort();
        },
      }),
    ).rejects.toThrow();
    const before = (await machines()).filter(({ release }) => release === '0.3~fake').map(({ id }) => id);
    expect(before.length).toBeGreaterThanOrEqual(3);
    await upgraded();
    expect(await releases()).toEqual(['0.3~fake']);
    expect(await ids()).toEqual(expect.arrayContaining(before));
  }, 300_000);

  it('refuses a release that the folder does not have', async () => {
    await expect(upgraded({ to: '7.0' })).rejects.toMatchObject({ name: 'NoSuchRelease', exitCode: 2 });
  });
});

describe('"up" of a changed file', () => {
  const changed: Deployment = { ...deployment, meetings: { ...deployment.meetings, title: 'Our meetings' } };

  it('leaves machines alone with "later"', async () => {
    const before = await ids();
    const result = await upOf(changed, 'later');
    expect(result).toMatchObject({ changed: true, replaced: [] });
    expect(await ids()).toEqual(before);
  }, 120_000);

  it('replaces the machines that the change concerns, and no others', async () => {
    const bridges = (await machines()).filter(({ role }) => role === 'bridge').map(({ id }) => id);
    const before = await ids();
    const retitled = { ...changed, meetings: { ...changed.meetings, title: 'Another title' } };
    const result = await upOf(retitled);
    expect(result.replaced).toEqual(['convoke-meet-shard-a', 'convoke-meet-shard-b']);
    const after = await ids();
    expect(after).toEqual(expect.arrayContaining(bridges));
    expect(after.filter((id) => before.includes(id)).sort()).toEqual(bridges.sort());
  }, 180_000);
});
