import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  LambdaClient,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { web } from '../../src/cli/web/web.js';
import type { Account } from '../../src/cloud/account.js';
import { ensureServiceLinkedRoles } from '../../src/cloud/service-linked-roles.js';
import { findStack, parameters } from '../../src/cloud/stacks.js';
import { parseDeployment } from '../../src/config/load.js';
import { METRICS, METRICS_NAMESPACE, shardDimensions } from '../../src/contract/metrics.js';
import {
  alarmName,
  alertsName,
  bootstrapStackName,
  ruleName,
  shardGroupName,
} from '../../src/contract/names.js';
import { SERVICE_LINKED_ROLES } from '../../src/contract/published-names.js';
import { AVAILABILITY_ZONE_PARAMETERS } from '../../src/contract/template.js';
import { zoneFacts } from '../../src/operations/availability-zones.js';
import { down } from '../../src/operations/down/down.js';
import { askForMail, isMailSent } from '../../src/operations/mail-check.js';
import { report } from '../../src/operations/report/report.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import type { Live } from '../../src/page/status-view.js';
import { EmulatedAccount } from './control-plane/account.js';

// By default its name is the domain's, which CloudFormation would cut in names that it makes up.
const deployment = parseDeployment(
  'domain: conference.example.org\nregion: eu-central-1\nalerts: ops@example.org\n',
  'a file of the test',
);
const steps: string[] = [];
const WEBHOOK = 'https://hooks.example.org/services/T0/B0/x';

let emulated: EmulatedAccount;
let account: Account;

beforeAll(async () => {
  emulated = await EmulatedAccount.start({ alarmMax: 6 });
  account = emulated.account();
  await emulated.makeZone();
  await up({
    account,
    deployment,
    join: false,
    onProgress: (event) => {
      if (event.kind === 'step' && event.state === 'done') steps.push(event.id);
    },
  });
}, 300_000);
afterAll(() => emulated?.stop());

it('creates the service-linked roles that the account lacks before it deploys, and only once', async () => {
  expect(steps.indexOf('service roles')).toBeGreaterThanOrEqual(0);
  expect(steps.indexOf('service roles')).toBeLessThan(steps.indexOf('deploy'));
  const iam = new IAMClient(emulated.config());
  const needed = ['autoscaling.amazonaws.com', 'elasticloadbalancing.amazonaws.com'] as const;
  const created = await Promise.all(
    needed.map(async (service) => {
      const RoleName = SERVICE_LINKED_ROLES[service];
      return (await iam.send(new GetRoleCommand({ RoleName }))).Role?.CreateDate?.getTime();
    }),
  );
  const stack = await findStack(account, bootstrapStackName(deployment.name));
  for (const time of created) expect(time).toBeLessThanOrEqual(stack?.CreationTime?.getTime() ?? 0);
  expect(await ensureServiceLinkedRoles(account, needed)).toEqual([]);
  // The file has no spot instances, so their role is still missing.
  const Spot = new GetRoleCommand({ RoleName: SERVICE_LINKED_ROLES['spot.amazonaws.com'] });
  await expect(iam.send(Spot)).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  const both = ['spot.amazonaws.com', 'spot.amazonaws.com'] as const;
  // One of two concurrent attempts finds the name taken, which is not an error.
  await expect(ensureServiceLinkedRoles(account, both)).resolves.toContain('AWSServiceRoleForEC2Spot');
});

it('writes the zones that it chose into the stack, from which they are read again', async () => {
  const stack = await findStack(account, `convoke-${deployment.name}`);
  const given = parameters(stack ?? ({} as never));
  expect(AVAILABILITY_ZONE_PARAMETERS.map((key) => given[key])).toEqual(['eu-central-1a', 'eu-central-1b']);
  // The next "up" reads them from there, and keeps them.
  expect((await zoneFacts(account, deployment)).deployed).toEqual(['eu-central-1a', 'eu-central-1b']);
});

it('verifies that a mail gets from a rule to its recipient', async () => {
  expect(steps).toContain('mail');
  const mail = emulated.mail().find(({ body }) => body.includes('convoke has deployed'));
  expect(mail?.to).toBe('ops@example.org');
  expect((await status(account, deployment)).mail).toBe('confirmed');
});

it('raises no alarm in a deployment that is healthy', async () => {
  const raised = async () => (await status(account, deployment)).alarms.map(({ alarm }) => alarm);
  await pWaitFor(async () => (await raised()).length === 0, { timeout: 30_000, interval: 500 });
}, 60_000);

const ofDeployment = { Deployment: deployment.name };

// Two machines publish each value; the second one of a pair is always well.
it.each([
  ['disk', METRICS.disk, ofDeployment, [1_000, 9_000], [8_000, 9_000], 'a machine is short of disk space'],
  ['loss', METRICS.loss, ofDeployment, [14, 0.2], [0.1, 0.2], 'calls lose many packets'],
  ['no-bridges', METRICS.withoutBridges, ofDeployment, [1], [], 'meetings have no sound and picture'],
  ['ice-failures', METRICS.iceFailed, ofDeployment, [3, 2], [], 'participants cannot connect to the bridges'],
] as const)(
  'mails the cause of the alarm %s, and later that all is well',
  async (alarm, name, dimensions, ill, well, subject) => {
    const metrics = new CloudWatchClient(emulated.config());
    const publishUntil = (values: readonly number[], isMet: () => Promise<boolean> | boolean) =>
      pWaitFor(
        async () => {
          const MetricData = values.map((Value) => ({
            MetricName: name,
            Dimensions: Object.entries<string>(dimensions).map(([Name, Value]) => ({ Name, Value })),
            Value,
          }));
          if (MetricData.length === 0) return isMet();
          await metrics.send(new PutMetricDataCommand({ Namespace: METRICS_NAMESPACE, MetricData }));
          return isMet();
        },
        { interval: 500, timeout: 60_000 },
      );
    const AlarmNames = [alarmName(deployment.name, alarm)];
    const isOk = async () =>
      (await metrics.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms?.[0]?.StateValue === 'OK';
    const subjects = () => emulated.mail().map(({ subject }) => subject);
    await publishUntil(well, isOk);
    const before = subjects().length;
    await publishUntil(ill, () => subjects().length > before);
    expect((await status(account, deployment)).alarms).toContainEqual({ alarm, since: expect.any(Date) });
    await publishUntil(well, () => subjects().length > before + 1);
    expect(subjects().slice(before)).toEqual([
      `${deployment.domain}: ${subject}`,
      expect.stringMatching(/: all is well again after /),
    ]);
  },
  200_000,
);

it('mails that security updates have waited for three days, and later that none do', async () => {
  const metrics = new CloudWatchClient(emulated.config());
  const subjects = () => emulated.mail().map(({ subject }) => subject);
  const publish = (ages: readonly number[], Value: number) =>
    metrics.send(
      new PutMetricDataCommand({
        Namespace: METRICS_NAMESPACE,
        MetricData: ages.map((minutes) => ({
          MetricName: METRICS.waitingUpdates,
          Dimensions: [{ Name: 'Deployment', Value: deployment.name }],
          Value,
          Timestamp: new Date(Date.now() - minutes * 60_000),
        })),
      }),
    );
  const hours = (from: number, count: number) =>
    Array.from({ length: count }, (_, hour) => (from - hour) * 60 + 5);
  const before = subjects().length;
  // Two days are not enough.
  await publish(hours(48, 48), 3);
  const alarm = async () =>
    (await metrics.send(new DescribeAlarmsCommand({ AlarmNames: [alarmName(deployment.name, 'updates')] })))
      .MetricAlarms?.[0];
  const evaluated = (await alarm())?.StateReasonData;
  await pWaitFor(async () => (await alarm())?.StateReasonData !== evaluated, { timeout: 60_000 });
  expect((await alarm())?.StateValue).toBe('OK');
  await publish(hours(72, 72), 3);
  await pWaitFor(() => subjects().length > before, { timeout: 60_000 });
  await publish([0], 0);
  await pWaitFor(() => subjects().length > before + 1, { timeout: 60_000 });
  expect(subjects().slice(before)).toEqual([
    `${deployment.domain}: security updates wait`,
    expect.stringMatching(/: all is well again after /),
  ]);
}, 200_000);

it('reports people, data, alarms and money of a time', async () => {
  const HOUR = 3_600_000;
  const start = Math.ceil(Date.now() / HOUR) * HOUR;
  const metrics = new CloudWatchClient(emulated.config());
  // Three people for an hour, and one for half an hour more. Simulated machines publish nothing.
  const people = Array.from({ length: 90 }, (_, index) => ({
    MetricName: METRICS.participants,
    Dimensions: Object.entries(shardDimensions(deployment.name, 'a')).map(([Name, Value]) => ({
      Name,
      Value,
    })),
    Value: index < 60 ? 3 : 1,
    Timestamp: new Date(start + index * 60_000),
  }));
  await metrics.send(new PutMetricDataCommand({ Namespace: METRICS_NAMESPACE, MetricData: people }));
  await metrics.send(
    new PutMetricDataCommand({
      Namespace: 'AWS/EC2',
      MetricData: [
        {
          MetricName: 'NetworkOut',
          Dimensions: [{ Name: 'AutoScalingGroupName', Value: shardGroupName(deployment.name, 'a') }],
          Value: 5e9,
          Timestamp: new Date(start),
        },
      ],
    }),
  );
  const later = new Date(start + 24 * HOUR);
  const tomorrow = { ...account, clock: { ...account.clock, now: () => later } };
  const found = await report(tomorrow, deployment, { from: new Date(start - 48 * HOUR), to: later });
  expect(found.total).toMatchObject({ personHours: 3.5, mostPeople: 3, sentGb: 5, failedMachines: 0 });
  expect(found.days.reduce((sum, { personHours }) => sum + personHours, 0)).toBeCloseTo(3.5);
  const raised = found.incidents.map(({ alarm }) => alarm);
  expect(raised).toEqual(expect.arrayContaining(['disk', 'loss', 'ice-failures', 'updates']));
  for (const { to } of found.incidents.filter(({ alarm }) => alarm === 'disk')) expect(to).toBeDefined();
  expect(found.money.usd).toBeGreaterThan(1);
  expect(found.gaps).toEqual([expect.stringMatching(/^The deployment exists since /)]);
});

it('shows its machines on a page', async () => {
  const abort = new AbortController();
  let url = '';
  const closed = web(account, deployment, {
    port: 0,
    signal: abort.signal,
    onUrl: (given) => {
      url = given;
    },
  });
  await pWaitFor(() => url !== '');
  const { body } = await fetch(`${url}live`);
  const { value } = (await body?.getReader().read()) ?? {};
  const live = JSON.parse(/^data: (.*)$/m.exec(new TextDecoder().decode(value))?.[1] ?? '{}') as Live;
  expect(live).toMatchObject({ domain: deployment.domain, nodes: [{ name: 'shard a', health: 'good' }] });
  expect(live.history.at.length).toBeLessThanOrEqual(61);
  abort.abort();
  await closed;
});

it('sends no second mail if nothing on its way has changed', async () => {
  const mails = () => emulated.mail().filter(({ body }) => body.includes('convoke has deployed'));
  const changed = { ...deployment, meetings: { ...deployment.meetings, title: 'Another title' } };
  const result = await up({ account, deployment: changed, join: false, onProgress: () => {} });
  expect(result).toMatchObject({ changed: true, mail: 'checked before', unconfirmed: [] });
  expect(mails()).toHaveLength(1);
  const elsewhere = { ...changed, alerts: { emails: ['others@example.org'], webhooks: [WEBHOOK] } };
  expect(await up({ account, deployment: elsewhere, join: false, onProgress: () => {} })).toMatchObject({
    mail: 'sent',
  });
  expect(
    mails()
      .map(({ to }) => to)
      .sort(),
  ).toEqual([WEBHOOK, 'ops@example.org', 'others@example.org']);
  // CloudFormation does not return the addresses of webhooks, and they do not count as changed.
  expect(await up({ account, deployment: elsewhere, join: false, onProgress: () => {} })).toMatchObject({
    changed: false,
    mail: 'checked before',
  });
}, 120_000);

it('says in status that SNS could not deliver an alert to an address', async () => {
  const alerts = { emails: ['ops@example.org', 'ops@example.invalid'], webhooks: [] };
  await up({ account, deployment: { ...deployment, alerts }, join: false, onProgress: () => {} });
  expect(await status(account, deployment)).toMatchObject({
    mail: 'failing',
    mailFailures: [
      'SNS could not deliver alerts to a mail address (once in the last day). Check the addresses under "alerts" in convoke.yaml.',
    ],
  });
}, 60_000);

it('says in status that the function ended with an error that it could not log', async () => {
  const functions = new LambdaClient(emulated.config());
  const FunctionName = alertsName(deployment.name);
  const { Environment } = await functions.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const change = (Variables: Record<string, string>) =>
    functions.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  await change({});
  await askForMail(account, deployment);
  await pWaitFor(
    async () =>
      (await status(account, deployment)).mailFailures.includes(
        `The function that sends alerts ended with an error that it could not log (3 times in the last day). Its log group ${FunctionName} in CloudWatch shows the error.`,
      ),
    { interval: 500, timeout: 30_000 },
  );
  await change(Environment?.Variables ?? {});
}, 60_000);

it('does not call mail sent that the function has not logged', async () => {
  const events = new EventBridgeClient(emulated.config());
  const Name = ruleName(deployment.name, 'alerts');
  await events.send(new DisableRuleCommand({ Name }));
  const since = new Date();
  const check = await askForMail(account, deployment);
  // A clock on which its patience ends after a few seconds.
  const quick = {
    ...account.clock,
    now: () => new Date(since.getTime() + 60 * (Date.now() - since.getTime())),
  };
  expect(await isMailSent({ ...account, clock: quick }, deployment, check, since)).toBe(false);
  await events.send(new EnableRuleCommand({ Name }));
}, 60_000);

it('says so where EventBridge has no permission to invoke the function', async () => {
  const functions = new LambdaClient(emulated.config());
  const FunctionName = alertsName(deployment.name);
  const { Policy = '' } = await functions.send(new GetPolicyCommand({ FunctionName }));
  const [{ Sid }] = JSON.parse(Policy).Statement;
  await functions.send(new RemovePermissionCommand({ FunctionName, StatementId: Sid }));
  const since = new Date();
  const check = await askForMail(account, deployment);
  await expect(isMailSent(account, deployment, check, since)).rejects.toMatchObject({ name: 'NoMail' });
  const { mail, mailFailures } = await status(account, deployment);
  expect(mail).toBe('failing');
  expect(mailFailures[0]).toContain('EventBridge could not invoke the function that sends alerts (once');
}, 60_000);

it('is gone after "down", service-linked roles aside', async () => {
  const { leftovers } = await down({ account, deployment, onProgress: () => {}, when: 'now' });
  expect(leftovers).toEqual([]);
}, 120_000);
