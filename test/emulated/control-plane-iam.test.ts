import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  RecordLifecycleActionHeartbeatCommand,
  type RecordLifecycleActionHeartbeatCommandInput,
  SetInstanceHealthCommand,
} from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActualState, DesiredState } from '../../src/rehearsal/emulated-state.js';
import { EmulatedAccount } from './control-plane/account.js';

/** APIs name refusals differently. */
const REFUSED = /AccessDenied|UnauthorizedOperation|not authorized/;

type Action = RecordLifecycleActionHeartbeatCommandInput;

describe('an account that enforces its policies', () => {
  let account: EmulatedAccount;
  let machine: { id: string; keys: { accessKeyId: string; secretAccessKey: string; sessionToken: string } };

  /** All machines run immediately here; the tests use the credentials that they get. */
  const machines = createServer(async (request, response) => {
    const desired = DesiredState.parse(JSON.parse(await text(request)));
    const [first] = desired.instances;
    if (first?.credentials) {
      const { role: _role, expiration: _expiration, ...keys } = first.credentials;
      machine = { id: first.id, keys };
    }
    const running = Object.fromEntries(
      desired.instances.map(({ id }) => [id, { state: 'running' as const, reason: '' }]),
    );
    response.end(JSON.stringify({ machines: running, images: {}, targets: {} } satisfies ActualState));
  });

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0, machines: true, enforce: true });
    machines.listen(account.machinesSocket);
    await account.createStack();
    await account.stackIs('CREATE_COMPLETE');
    await pWaitFor(() => machine !== undefined, { timeout: 10_000 });
  }, 300_000);
  afterAll(async () => {
    await account?.stop();
    machines.close();
    machines.closeAllConnections();
  });

  const asMachine = () => account.config(machine.keys);

  it('accepts only the signatures of its root user and its machines', async () => {
    const stranger = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    const liar = { ...machine.keys, secretAccessKey: 'wrong' };
    await expect(
      new STSClient(account.config()).send(new GetCallerIdentityCommand({})),
    ).resolves.toBeDefined();
    await expect(
      new STSClient(account.config(stranger)).send(new GetCallerIdentityCommand({})),
    ).rejects.toThrow();
    await expect(new EC2Client(account.config(liar)).send(new DescribeInstancesCommand({}))).rejects.toThrow(
      /not able to validate/,
    );
  });

  it('lets a machine read its own secret and no other', async () => {
    await new SecretsManagerClient(account.config()).send(
      new CreateSecretCommand({ Name: 'else', SecretString: 'x' }),
    );
    const own = new SecretsManagerClient(asMachine());
    const value = await own.send(new GetSecretValueCommand({ SecretId: await account.output('Seed') }));
    expect(JSON.parse(value.SecretString ?? '')).toEqual({
      seed: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
    });
    await expect(own.send(new GetSecretValueCommand({ SecretId: 'else' }))).rejects.toThrow(REFUSED);
  });

  it('lets a machine publish only in its own namespace', async () => {
    const metrics = new CloudWatchClient(asMachine());
    const publish = (Namespace: string) =>
      metrics.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: 'people', Value: 3 }] }));
    await expect(publish('Small')).resolves.toBeDefined();
    await expect(publish('AWS/EC2')).rejects.toThrow(REFUSED);
  });

  it('lets a machine describe machines but terminate none, and report itself as unhealthy', async () => {
    const ec2 = new EC2Client(asMachine());
    await expect(ec2.send(new DescribeInstancesCommand({}))).resolves.toBeDefined();
    await expect(ec2.send(new TerminateInstancesCommand({ InstanceIds: [machine.id] }))).rejects.toThrow(
      REFUSED,
    );
    const groups = new AutoScalingClient(asMachine());
    const sick = new SetInstanceHealthCommand({ InstanceId: machine.id, HealthStatus: 'Unhealthy' });
    await expect(groups.send(sick)).resolves.toBeDefined();
  });

  it('lets a machine complete the lifecycle actions of its own group only', async () => {
    await new EC2Client(account.config()).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'else',
        LaunchTemplateData: { ImageId: 'ami-0deb1300000000a64', InstanceType: 'c7g.large' },
      }),
    );
    await new AutoScalingClient(account.config()).send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'else',
        LaunchTemplate: { LaunchTemplateName: 'else' },
        MinSize: 0,
        MaxSize: 0,
        AvailabilityZones: ['eu-central-1a'],
      }),
    );
    const groups = new AutoScalingClient(asMachine());
    for (const ask of [
      (action: Action) =>
        groups.send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult: 'CONTINUE' })),
      (action: Action) => groups.send(new RecordLifecycleActionHeartbeatCommand(action)),
    ]) {
      const action = { LifecycleHookName: 'drain', InstanceId: machine.id };
      await expect(ask({ ...action, AutoScalingGroupName: 'small-shard' })).rejects.toThrow(
        /No active Lifecycle Action found/,
      );
      await expect(ask({ ...action, AutoScalingGroupName: 'else' })).rejects.toThrow(REFUSED);
    }
  });

  it('refuses files to a machine that has no right to read them', async () => {
    const root = new S3Client({ ...account.config(), forcePathStyle: true });
    await root.send(new CreateBucketCommand({ Bucket: 'files' }));
    await root.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'a' }));
    const own = new S3Client({ ...asMachine(), forcePathStyle: true });
    await expect(own.send(new GetObjectCommand({ Bucket: 'files', Key: 'a' }))).rejects.toThrow(REFUSED);
  });

  it('logs no secrets', () => {
    expect(readFileSync(`${account.run}/emulator.log`, 'utf8')).not.toContain(machine.keys.secretAccessKey);
  });
});
