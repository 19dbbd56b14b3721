import { DeleteAutoScalingGroupCommand, SetInstanceHealthCommand } from '@aws-sdk/client-auto-scaling';
import { DeleteLaunchTemplateCommand, DescribeLaunchTemplatesCommand } from '@aws-sdk/client-ec2';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteTopicCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import pWaitFor from 'p-wait-for';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { explain } from '../../src/operations/error-mapper.js';
import { soFar } from '../../src/operations/report/so-far.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { changeFaults } from '../../src/rehearsal/cloud-faults.js';
import { ApiProxy } from '../api-proxy.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n',
  'a file of the test',
);
const onProgress = () => {};

let emulated: EmulatedAccount;
let proxy: ApiProxy;
/** The account directly, and through a proxy that adds faults. */
let plain: Account;

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ enforce: true });
  proxy = await ApiProxy.start(emulated.emulator.endpoint);
  plain = emulated.account();
  await emulated.makeZone();
}, 300_000);
afterAll(async () => {
  proxy?.stop();
  await emulated?.stop();
});

/** New clients for each test, because SDK clients adapt their retries to faults. */
const faulty = (): Account => ({ ...plain, endpoint: proxy.endpoint });

/** After any failure, the user's next `down` leaves nothing behind. */
afterEach(async () => {
  proxy.fault = () => undefined;
  changeFaults(emulated.run, (now) => ({ ...now, insufficient_capacity: [] }));
  expect((await down({ account: plain, deployment, onProgress })).leftovers).toEqual([]);
}, 120_000);

describe('up, status and down succeed although', () => {
  it('every eleventh call is throttled, fails, or loses its connection, in turn', async () => {
    const faults = ['throttled', 'broken', 'dropped'] as const;
    proxy.fault = (_, count) => (count % 11 === 1 ? faults[Math.floor(count / 11) % 3] : undefined);
    await upAndDown();
  }, 300_000);

  it('the first call of every action is executed and not answered', async () => {
    const seen = new Set<string>();
    proxy.fault = ({ service, action }) => {
      const name = `${service} ${action}`;
      if (seen.has(name) || service === 's3') return undefined;
      seen.add(name);
      return 'unanswered';
    };
    await upAndDown();
    expect(seen.size).toBeGreaterThan(20);
  }, 300_000);

  it('a zone has no capacity', async () => {
    changeFaults(emulated.run, (now) => ({ ...now, insufficient_capacity: ['eu-central-1a'] }));
    await upAndDown();
  }, 300_000);
});

async function upAndDown(): Promise<void> {
  await up({ account: faulty(), deployment, onProgress, join: false });
  expect((await status(faulty(), deployment)).state).toBe('serving');
  expect((await down({ account: faulty(), deployment, onProgress })).leftovers).toEqual([]);
}

describe('credentials that expire during a command', () => {
  /** From the nth call on. */
  const expireAfter = (calls: number) => {
    const before = proxy.calls.length;
    proxy.fault = (_, count) => (count - before > calls ? 'expired' : undefined);
  };
  const expired = { name: 'CredentialsExpired', exitCode: 2, now: expect.stringContaining('Log in again') };

  it.each([5, 20, 40])(
    'end up after %i calls with advice, and down deletes what was created',
    async (calls) => {
      expireAfter(calls);
      const failed = await up({ account: faulty(), deployment, onProgress, join: false }).catch(explain);
      expect(failed).toMatchObject(expired);
    },
    120_000,
  );

  it('end down with advice, and the next down continues', async () => {
    await up({ account: plain, deployment, onProgress, join: false });
    expireAfter(10);
    const failed = await down({ account: faulty(), deployment, onProgress }).catch(explain);
    expect(failed).toMatchObject(expired);
  }, 120_000);
});

describe('a machine that failed', () => {
  it('is among the incidents of the day, with the cost of the month', async () => {
    await up({ account: plain, deployment, onProgress, join: false });
    const [failed] = (await status(plain, deployment)).machines;
    await emulated.clients().groups.send(
      new SetInstanceHealthCommand({
        InstanceId: failed?.id,
        HealthStatus: 'Unhealthy',
        ShouldRespectGracePeriod: false,
      }),
    );
    await pWaitFor(async () => (await soFar(plain, deployment)).failed.length > 0, { timeout: 30_000 });
    const { failed: machines, cost } = await soFar(plain, deployment);
    expect(machines).toMatchObject([{ group: 'convoke-meet-shard-a', machine: failed?.id }]);
    expect(cost.usd).toBeGreaterThan(0);
    expect(cost.since.getTime()).toBeLessThanOrEqual(Date.now());
  }, 60_000);
});

describe('a resource that was deleted manually', () => {
  it('is reported by status, and does not block down', async () => {
    await up({ account: plain, deployment, onProgress, join: false });
    const { ec2, groups } = emulated.clients();
    const [sns, secrets] = [new SNSClient(emulated.config()), new SecretsManagerClient(emulated.config())];
    const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
    for (const { TopicArn } of Topics) await sns.send(new DeleteTopicCommand({ TopicArn }));
    await secrets.send(
      new DeleteSecretCommand({ SecretId: 'convoke-meet-seed', ForceDeleteWithoutRecovery: true }),
    );
    await groups.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'convoke-meet-shard-a', ForceDelete: true }),
    );
    const { LaunchTemplates = [] } = await ec2.send(new DescribeLaunchTemplatesCommand({}));
    for (const { LaunchTemplateId } of LaunchTemplates)
      await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));

    // Its machines terminate gradually.
    await pWaitFor(async () => (await status(plain, deployment)).missing.length > 0, { timeout: 30_000 });
    expect(await status(plain, deployment)).toMatchObject({ missing: ['shard a'], mail: 'none' });
    const again = await up({ account: plain, deployment, onProgress, join: false }).catch(explain);
    expect(again).toMatchObject({ name: 'GroupGone', exitCode: 2 });
  }, 120_000);
});
