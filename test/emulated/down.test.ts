import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { parseDeployment } from '../../src/config/load.js';
import { METRICS, METRICS_NAMESPACE, shardDimensions } from '../../src/contract/metrics.js';
import { lockName } from '../../src/contract/names.js';
import { type DownOptions, down } from '../../src/operations/down/down.js';
import type { ProgressEvent } from '../../src/operations/progress.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\nbudget: {monthly: 50}\n',
  'a file of the test',
);
const onProgress = () => {};

let emulated: EmulatedAccount;
let account: Account;

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  account = emulated.account();
  await emulated.makeZone();
}, 300_000);
afterAll(() => emulated?.stop());

/** Time of a shard's last report. Each is a minute later, because reports within a minute are aggregated. */
let minute = Date.now() - 4 * 60_000;

/** Publishes a shard's metrics as its agent does. */
const report = (people: number, meetings: number) => {
  minute += 60_000;
  return new CloudWatchClient(emulated.config()).send(
    new PutMetricDataCommand({
      Namespace: METRICS_NAMESPACE,
      MetricData: [[METRICS.participants, people] as const, [METRICS.conferences, meetings] as const].map(
        ([MetricName, Value]) => ({
          MetricName,
          Value,
          Timestamp: new Date(minute),
          Dimensions: Object.entries(shardDimensions('meet', 'a')).map(([Name, Value]) => ({ Name, Value })),
        }),
      ),
    }),
  );
};

const taken = (options: Partial<DownOptions> = {}) => down({ account, deployment, onProgress, ...options });
/** The holder of the lock; null: none. */
const holder = async () => {
  const get = new GetParameterCommand({ Name: lockName('meet') });
  const { Parameter } = await new SSMClient(emulated.config()).send(get);
  return JSON.parse(Parameter?.Value ?? '').holder;
};

/** Names of records in the zone that end with this one. */
const namesBelow = async (domain: string) => {
  const route53 = new Route53Client(emulated.config());
  const { HostedZones = [] } = await route53.send(
    new ListHostedZonesByNameCommand({ DNSName: 'example.org' }),
  );
  const { ResourceRecordSets = [] } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: HostedZones[0]?.Id }),
  );
  return ResourceRecordSets.map(({ Name = '' }) => Name).filter((name) => name.endsWith(`${domain}.`));
};

describe('down', () => {
  beforeEach(() => up({ account, deployment, onProgress, join: false }), 120_000);

  it('refuses without a terminal while participants are in meetings, and changes nothing', async () => {
    await report(3, 1);
    await expect(taken()).rejects.toMatchObject({
      name: 'PeopleInMeetings',
      exitCode: 2,
      message: '3 people are in 1 meeting at meet.example.org.',
    });
    await expect(taken({ ask: async () => 'keep' })).rejects.toMatchObject({
      name: 'DeletionDeclined',
      exitCode: 2,
    });
    expect((await status(account, deployment)).state).toBe('serving');
    expect(await holder()).toBeNull();
  }, 60_000);

  it('waits until they have left, shows how many remain, and holds the lock meanwhile', async () => {
    await report(3, 1);
    const events: ProgressEvent[] = [];
    const steps = () =>
      events.flatMap((event) => (event.kind === 'step' ? [`${event.state} ${event.title}`] : []));
    const waiting = taken({ when: 'empty', onProgress: (event) => events.push(event) });
    await pWaitFor(() => steps().some((line) => /^started 3 people are in 1 meeting/.test(line)));
    for (const other of [taken({ when: 'now' }), up({ account, deployment, onProgress, join: false })]) {
      await expect(other).rejects.toMatchObject({
        name: 'Busy',
        exitCode: 2,
        why: expect.stringMatching(/arn:aws:iam::\d+:root on /),
      });
    }
    expect((await status(account, deployment)).state).toBe('serving');
    await report(0, 0);
    const result = await waiting;
    expect(result).toMatchObject({ existed: true, leftovers: [], meetings: { people: 0, silent: [] } });
    expect(steps()).toContain('done No one is in a meeting at meet.example.org.');
    await expect(holder()).rejects.toThrow(/not found/i);
  }, 120_000);

  it('can be interrupted while it waits, and can be run without waiting', async () => {
    await report(3, 1);
    const interrupted = new AbortController();
    const waiting = taken({
      when: 'empty',
      signal: interrupted.signal,
      onProgress: (event) => event.kind === 'step' && event.id === 'empty' && interrupted.abort(),
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect((await status(account, deployment)).state).toBe('serving');
    expect((await taken({ when: 'now' })).leftovers).toEqual([]);
  }, 120_000);

  it('deletes the validation record of a name that an update dropped', async () => {
    const large = { ...deployment, turn: true };
    await up({ account, deployment: large, onProgress, join: false });
    await up({ account, deployment, onProgress, join: false });
    const { swept } = await taken({ when: 'now' });
    expect(swept.find(({ kind }) => kind === 'DNS records')).toMatchObject({ left: [] });
    expect(await namesBelow('meet.example.org')).toEqual([]);
  }, 120_000);

  it('names what cannot be deleted and why, keeps what a deletion needs, and continues when it is possible', async () => {
    const ec2 = new EC2Client(emulated.config());
    const { Vpcs = [] } = await ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'tag:convoke:deployment', Values: ['meet'] }] }),
    );
    const [vpc] = Vpcs;
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: vpc?.VpcId,
        CidrBlock: vpc?.CidrBlock?.replace(/\.0\.0\/.*/, '.250.0/24'),
      }),
    );
    const titles: string[] = [];
    await expect(
      taken({ when: 'now', onProgress: (event) => event.kind === 'step' && titles.push(event.title) }),
    ).rejects.toMatchObject({
      name: 'DeletionFailure',
      exitCode: 1,
      why: expect.stringMatching(/^EC2::VPC vpc-\w+: something else still uses it/),
    });
    expect(titles).toContainEqual(expect.stringMatching(/^Remove obstacles and delete again: EC2::VPC/));
    await ec2.send(new DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }));
    expect((await taken({ when: 'now' })).leftovers).toEqual([]);
  }, 120_000);

  it('needs only domain and region instead of the file, with any DNS provider', async () => {
    const known = parseDeployment(
      'domain: meet.example.org\nregion: eu-central-1\nalerts: nobody@example.org\nname: meet\ndns: {zone: meet.example.org}\n',
      'the command line',
    );
    const result = await down({ account, deployment: known, onProgress, when: 'now' });
    expect(result).toMatchObject({ existed: true, leftovers: [] });
    const names = new Route53Client(emulated.config());
    const { HostedZones = [] } = await names.send(
      new ListHostedZonesByNameCommand({ DNSName: 'example.org' }),
    );
    // The zone contains only its own two records.
    expect(HostedZones.map(({ ResourceRecordSetCount }) => ResourceRecordSetCount)).toEqual([2]);
  }, 120_000);
});

it('down of a deployment that does not exist says so and succeeds', async () => {
  expect(await taken()).toMatchObject({ existed: false, leftovers: [] });
});
