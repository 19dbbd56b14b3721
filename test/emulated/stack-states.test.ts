import {
  CreateChangeSetCommand,
  CreateStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import pWaitFor from 'p-wait-for';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import { findStack } from '../../src/cloud/stacks.js';
import { parseDeployment } from '../../src/config/load.js';
import { stackName } from '../../src/contract/names.js';
import { ZONE_PARAMETER } from '../../src/contract/template.js';
import { down } from '../../src/operations/down/down.js';
import type { ProgressEvent } from '../../src/operations/progress.js';
import { recoverStack } from '../../src/operations/stack-recovery.js';
import { templates } from '../../src/operations/synthesize.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n',
  'a file of the test',
);
const StackName = stackName(deployment.name);
const Capabilities = ['CAPABILITY_NAMED_IAM' as const];

/** A topic, and after it a rule for a group that does not exist, whose creation always fails. */
const BROKEN = {
  Topic: { Type: 'AWS::SNS::Topic' },
  Rule: {
    Type: 'AWS::EC2::SecurityGroupIngress',
    DependsOn: 'Topic',
    Properties: { GroupId: 'sg-0', IpProtocol: 'tcp', FromPort: 1, ToPort: 1, CidrIp: '10.0.0.0/8' },
  },
};

let emulated: EmulatedAccount;
let account: Account;
let zoneId: string;

beforeAll(async () => {
  emulated = await EmulatedAccount.start();
  account = emulated.account();
  zoneId = await emulated.makeZone();
}, 300_000);
afterAll(() => emulated?.stop());
afterEach(() => down({ account, deployment, onProgress: () => {} }), 120_000);

/** Runs `up`. Returns the waits that it reported. */
async function waitedFor(): Promise<string[]> {
  const events: string[] = [];
  await up({
    account,
    deployment,
    join: false,
    onProgress(event) {
      if (event.kind === 'waiting') events.push(event.what);
    },
  });
  expect((await findStack(account, StackName))?.StackStatus).toMatch(
    /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/,
  );
  return events;
}

const becomes = (status: string) =>
  pWaitFor(async () => (await findStack(account, StackName))?.StackStatus === status, {
    interval: 100,
    timeout: 30_000,
  });

it('a stack whose creation failed is deleted and created', async () => {
  await emulated.clients().stacks.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify({ Resources: BROKEN }),
      Capabilities,
    }),
  );
  await becomes('ROLLBACK_COMPLETE');
  expect(await waitedFor()).toEqual([
    'the deletion of convoke-meet, which was rolled back after a failed creation',
  ]);
}, 120_000);

it('a stack with only a change set is deleted and created', async () => {
  await emulated.clients().stacks.send(
    new CreateChangeSetCommand({
      StackName,
      ChangeSetName: 'plan',
      ChangeSetType: 'CREATE',
      TemplateBody: JSON.stringify({ Resources: { Topic: BROKEN.Topic } }),
    }),
  );
  await becomes('REVIEW_IN_PROGRESS');
  expect(await waitedFor()).toEqual(['the deletion of convoke-meet, which was never created']);
}, 120_000);

it('a stack whose update was interrupted is rolled back and updated', async () => {
  await waitedFor();
  const template = templates(deployment).deployment;
  await emulated.clients().stacks.send(
    new UpdateStackCommand({
      StackName,
      TemplateBody: JSON.stringify({ ...template, Resources: { ...template.Resources, ...BROKEN } }),
      Parameters: [{ ParameterKey: ZONE_PARAMETER, ParameterValue: zoneId }],
      Capabilities,
      DisableRollback: true,
    }),
  );
  await becomes('UPDATE_FAILED');
  expect(await waitedFor()).toEqual([
    'the rollback of convoke-meet, which could not be updated, and is partly changed',
  ]);
}, 120_000);

it('the validation record that CloudFormation leaves in the zone is removed by "down"', async () => {
  await waitedFor();
  const { swept } = await down({ account, deployment, onProgress: () => {} });
  expect(swept.find(({ kind }) => kind === 'DNS records')?.removed).toEqual([
    expect.stringMatching(/^_[0-9a-f]+\.meet\.example\.org\. CNAME$/),
  ]);
  const { ResourceRecordSets = [] } = await emulated
    .clients()
    .names.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  expect(ResourceRecordSets.map(({ Type }) => Type).sort()).toEqual(['NS', 'SOA']);
}, 120_000);

it('up waits for a stack that is being created already, and says so', async () => {
  const slow = await EmulatedAccount.start({ pace: 1 });
  try {
    const Resources = { Topic: BROKEN.Topic, Other: { ...BROKEN.Topic, DependsOn: 'Topic' } };
    await slow
      .clients()
      .stacks.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
    const events: ProgressEvent[] = [];
    await recoverStack({
      account: slow.account(),
      deployment: deployment.name,
      stack: StackName,
      goBack: () => Promise.reject(new Error('nothing failed')),
      onProgress: (event) => events.push(event),
    });
    expect((await findStack(slow.account(), StackName))?.StackStatus).toBe('CREATE_COMPLETE');
    expect(events).toMatchObject([
      {
        kind: 'waiting',
        what: 'convoke-meet, which is being created by another or an interrupted "up"',
      },
    ]);
  } finally {
    await slow.stop();
  }
}, 120_000);
