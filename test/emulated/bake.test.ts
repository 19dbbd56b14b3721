import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { imageBuilders } from '../../src/cloud/machine-images.js';
import { parseDeployment } from '../../src/config/load.js';
import { BAKED } from '../../src/contract/console-lines.js';
import { down } from '../../src/operations/down/down.js';
import type { OnProgress } from '../../src/operations/progress.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { type UpgradeOptions, upgrade } from '../../src/operations/upgrade.js';
import { buildFakes } from '../../src/rehearsal/fakes/build.js';
import { EmulatedAccount } from './control-plane/account.js';
import { ImageBuilders } from './image-builders.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-releases-'));
await buildFakes(folder, { version: '0.1~fake' });
const deployment = parseDeployment(
  `domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\nsize: team\nimage: baked\npackages: {directory: ${folder}}\n`,
  'a file of the test',
);
let emulated: EmulatedAccount;
let account: Account;
let builders: ImageBuilders;

const options = (onProgress: OnProgress = () => {}) => ({
  account,
  deployment,
  join: false,
  check: false,
  bake: true,
  onProgress,
});
const upgraded = (more: Partial<UpgradeOptions> = {}) => upgrade({ ...options(), ...more });

const images = async () => {
  const { Images = [] } = await emulated.clients().ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
  return Images.map(({ ImageId }) => ImageId).sort();
};
const snapshots = async () => {
  const found = await emulated.clients().ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return found.Snapshots ?? [];
};
/** The images of machines in service. */
const started = async () => [
  ...new Set(
    (await status(account, deployment)).machines
      .filter(({ lifecycle }) => lifecycle === 'InService')
      .map(({ image }) => image),
  ),
];
const machines = async () => {
  const { Reservations = [] } = await emulated.clients().ec2.send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(({ Instances = [] }) => Instances).filter(
    ({ State }) => State?.Name !== 'terminated' && State?.Name !== 'shutting-down',
  );
};

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  account = emulated.account();
  await emulated.makeZone();
  builders = new ImageBuilders(emulated, account, deployment.name);
}, 300_000);
afterAll(async () => {
  await builders?.stop();
  await emulated?.stop();
  rmSync(folder, { recursive: true });
});

describe('a machine image', () => {
  let first: string | undefined;

  it('is made by the first "up", for machines that start later', async () => {
    const { image, imageFailure } = await up(options());
    expect({ image, imageFailure }).toEqual({
      image: expect.stringMatching(/^ami-/),
      imageFailure: undefined,
    });
    first = image;
    expect(await images()).toEqual([image]);
    expect(await snapshots()).toHaveLength(1);
    // Those of the first "up" run already; the builder has ended.
    expect(await started()).not.toContain(image);
    expect(await imageBuilders(account, deployment.name)).toEqual([]);
    expect(builders.seen).toHaveLength(1);
  }, 180_000);

  it('is not made again, and running machines are not replaced for it', async () => {
    const before = await machines();
    expect(await up(options())).toMatchObject({ image: first, changed: false, replaced: [] });
    expect(builders.seen).toHaveLength(1);
    expect((await machines()).map(({ InstanceId }) => InstanceId)).toEqual(
      before.map(({ InstanceId }) => InstanceId),
    );
  }, 120_000);

  it('is made by an upgrade before machines are replaced, which then start from it', async () => {
    await buildFakes(folder, { version: '0.2~fake' });
    const steps: string[] = [];
    const { image } = await upgraded({
      onProgress: (event) => {
        if (event.kind === 'step' && event.state === 'done') steps.push(event.id);
      },
    });
    expect(image).not.toBe(first);
    expect(await started()).toEqual([image]);
    expect(steps.indexOf('bake')).toBeLessThan(steps.findIndex((id) => id.startsWith('replace ')));
    // The other one is that of the release to which "upgrade --back" returns.
    expect(await images()).toEqual([first, image].sort());
  }, 240_000);

  it('is there for the way back, and is not made for it', async () => {
    const before = builders.seen.length;
    expect(await upgraded({ back: true })).toMatchObject({ image: first });
    expect(await started()).toEqual([first]);
    expect(builders.seen).toHaveLength(before);
  }, 240_000);

  it('is made again for Debian’s updates with "--os", and the older one goes', async () => {
    const { image } = await upgraded({ to: '0.1~fake', os: true });
    expect(image).not.toBe(first);
    expect(await started()).toEqual([image]);
    // A deregistered image is still listed for a moment.
    await expect.poll(images, { timeout: 20_000 }).not.toContain(first);
    expect(await snapshots()).toHaveLength((await images()).length);
  }, 240_000);

  it('that was deleted by hand is made again by "up"', async () => {
    const { ec2 } = emulated.clients();
    const [image] = await started();
    await ec2.send(new DeregisterImageCommand({ ImageId: image }));
    await expect.poll(images, { timeout: 20_000 }).not.toContain(image);
    const again = await up(options());
    expect(again.image).not.toBe(image);
    expect(await images()).toContain(again.image);
  }, 240_000);
});

describe('if a machine image cannot be made', () => {
  beforeAll(async () => {
    builders.says = 'convoke: provisioning failed: No space left on device.';
    await buildFakes(folder, { version: '0.3~fake' });
  });

  it('an upgrade replaces no machine, says why, and leaves nothing of the attempt', async () => {
    const before = (await machines()).map(({ InstanceId }) => InstanceId).sort();
    await expect(upgraded()).rejects.toMatchObject({
      name: 'Undone',
      message: expect.stringContaining('No space left on device.'),
    });
    expect((await machines()).map(({ InstanceId }) => InstanceId).sort()).toEqual(before);
    expect(await status(account, deployment)).toMatchObject({ state: 'serving' });
  }, 240_000);

  it('the next "up" returns to the image of the earlier release', async () => {
    const result = await up(options());
    expect(result).toMatchObject({ release: { name: '0.1~fake' }, imageFailure: undefined });
    expect(await images()).toContain(result.image);
  }, 240_000);

  it('"up" serves without it, and says so', async () => {
    const { ec2 } = emulated.clients();
    for (const ImageId of await images()) await ec2.send(new DeregisterImageCommand({ ImageId }));
    await expect.poll(images, { timeout: 20_000 }).toEqual([]);
    expect(await up(options())).toMatchObject({
      image: undefined,
      imageFailure: expect.stringMatching(/could not be made.*No space left on device/),
    });
  }, 240_000);
});

describe('an interrupted "up"', () => {
  it('is continued with the same machine', async () => {
    builders.says = 'convoke: installing';
    const stop = new AbortController();
    const before = builders.seen.length;
    await expect(
      up({
        ...options((event) => {
          if (event.kind === 'waiting' && event.what === 'packages to be installed') stop.abort();
        }),
        signal: stop.signal,
      }),
    ).rejects.toThrow();
    builders.says = `convoke: ${BAKED}`;
    expect((await up(options())).image).toMatch(/^ami-/);
    expect(builders.seen).toHaveLength(before + 1);
  }, 240_000);
});

it('"down" removes images, their snapshots, and a machine that one is being made from', async () => {
  builders.says = 'convoke: installing';
  const stop = new AbortController();
  await buildFakes(folder, { version: '0.4~fake' });
  await expect(
    upgraded({
      signal: stop.signal,
      onProgress: (event) => {
        if (event.kind === 'waiting' && event.what === 'packages to be installed') stop.abort();
      },
    }),
  ).rejects.toThrow();
  expect(await imageBuilders(account, deployment.name)).toHaveLength(1);
  const result = await down({ account, deployment, onProgress: () => {}, when: 'now' });
  expect(result.leftovers).toEqual([]);
  expect([await images(), await snapshots(), await machines()]).toEqual([[], [], []]);
}, 240_000);
