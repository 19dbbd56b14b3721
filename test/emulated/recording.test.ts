import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { deploymentDimensions, METRICS, METRICS_NAMESPACE } from '../../src/contract/metrics.js';
import { recordersGroupName } from '../../src/contract/names.js';
import { recordingKey } from '../../src/contract/recording.js';
import { down } from '../../src/operations/down/down.js';
import {
  deleteRecording,
  downloadRecording,
  linkRecording,
  recordings,
} from '../../src/operations/recordings.js';
import { up } from '../../src/operations/up.js';
import { everything } from './account-inventory.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\nimage: debian\nrecording: {max: 3, ready: 1, keep: 7d}\n',
  'a file of the test',
);
const onProgress = () => undefined;
const BUCKET = 'convoke-meet-rec-000000000000-eu-central-1';

let emulated: EmulatedAccount;
let account: Account;
let before: Set<string>;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'convoke-recordings-'));
  emulated = await EmulatedAccount.start({ enforce: true });
  await emulated.makeZone();
  account = emulated.account();
  before = await everything(account);
}, 60_000);
afterAll(async () => {
  await emulated.stop();
  rmSync(folder, { recursive: true, force: true });
});

const s3 = () => new S3Client({ ...emulated.config(), forcePathStyle: true });

/** The number of recorders that Auto Scaling keeps. */
async function desired(): Promise<number | undefined> {
  const { AutoScalingGroups } = await new AutoScalingClient(emulated.config()).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [recordersGroupName('meet')] }),
  );
  return AutoScalingGroups?.[0]?.DesiredCapacity;
}

/** What the shard's agent publishes. */
const publish = (lacking: number) =>
  new CloudWatchClient(emulated.config()).send(
    new PutMetricDataCommand({
      Namespace: METRICS_NAMESPACE,
      MetricData: [
        {
          MetricName: METRICS.recordersLacking,
          Value: lacking,
          Timestamp: new Date(),
          Dimensions: Object.entries(deploymentDimensions('meet')).map(([Name, Value]) => ({ Name, Value })),
        },
      ],
    }),
  );

const key = (time: string, instanceId: string) =>
  recordingKey({ began: new Date(`2026-12-04T${time}Z`), room: '0123456789ab', instanceId });

describe('a deployment with recorders', () => {
  it('has none while nobody meets, and as many more as a shard lacks', async () => {
    await up({ account, deployment, onProgress, join: false });
    expect(await desired()).toBe(0);
    await publish(2);
    await pWaitFor(async () => (await desired()) === 2, { timeout: 90_000 });
  }, 180_000);

  it('lists recordings, and makes a file of what a recorder uploaded before it failed', async () => {
    const [whole, broken] = [key('09:00:00', 'i-0a'), key('10:00:00', 'i-0b')];
    await s3().send(new PutObjectCommand({ Bucket: BUCKET, Key: whole, Body: 'whole' }));
    const { UploadId } = await s3().send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: broken }));
    await s3().send(
      new UploadPartCommand({ Bucket: BUCKET, Key: broken, UploadId, PartNumber: 1, Body: 'a part' }),
    );
    const { list } = await recordings(account, deployment);
    expect(list.map(({ id, state }) => [id, state])).toEqual([
      ['2026/12/04/100000-0123456789ab-i-0b', 'interrupted'],
      ['2026/12/04/090000-0123456789ab-i-0a', 'stored'],
    ]);
    const to = join(folder, 'broken.mp4');
    await downloadRecording(account, deployment, 'latest', to);
    expect(readFileSync(to, 'utf8')).toBe('a part');
    await expect(downloadRecording(account, deployment, 'latest', to)).rejects.toThrow(/exists already/);
    expect((await recordings(account, deployment)).list.map(({ state }) => state)).toEqual([
      'stored',
      'stored',
    ]);
  });

  it('makes links that work without credentials, and deletes recordings', async () => {
    const { url } = await linkRecording(account, deployment, 'i-0a', 1);
    expect(await (await fetch(url)).text()).toBe('whole');
    await deleteRecording(account, deployment, 'i-0a');
    await expect(linkRecording(account, deployment, 'i-0a', 1)).rejects.toThrow(/No recording is/);
  });

  it('keeps its recordings when it is deleted, also for a later one, until they are to go', async () => {
    const kept = await down({ account, deployment, onProgress });
    expect(kept.recordings).toEqual({ bucket: BUCKET, stored: { count: 1, bytes: 6 } });
    await up({ account, deployment, onProgress, join: false });
    expect((await recordings(account, deployment)).list).toHaveLength(1);
    const gone = await down({ account, deployment, onProgress, recordings: 'delete' });
    expect(gone.recordings).toBeUndefined();
    expect([...(await everything(account))].filter((one) => !before.has(one))).toEqual([]);
  }, 180_000);

  it('has no recorder that is worth its name without a bucket', async () => {
    await expect(recordings(account, deployment)).rejects.toThrow(/has no bucket of recordings/);
  });
});
