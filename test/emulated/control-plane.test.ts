import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeScalingActivitiesCommand, SetInstanceHealthCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { ListSubscriptionsCommand, SNSClient } from '@aws-sdk/client-sns';
import { build } from 'esbuild';
import { execa } from 'execa';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/rehearsal/emulator.js';
import { DOMAIN, EmulatedAccount, MAIL_BOX } from './control-plane/account.js';

/** `until` with the timeout of these tests. */
const until = (condition: () => Promise<boolean> | boolean) =>
  pWaitFor(condition, { interval: 100, timeout: 20_000 });

describe('a deployment on the control plane alone', () => {
  let account: EmulatedAccount;
  let zoneId: string;
  let first: string;
  let second: string;

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0 });
  }, 300_000);
  afterAll(() => account?.stop());

  it('is complete when its machine is in service', async () => {
    zoneId = await account.createStack();
    await account.stackIs('CREATE_COMPLETE');
    first = await account.serving();
    const [machine] = await account.machines();
    expect(machine).toMatchObject({
      InstanceId: first,
      State: { Name: 'running' },
      Architecture: 'arm64',
      PrivateIpAddress: '10.20.0.10',
      PublicIpAddress: '203.0.113.10',
      Placement: { AvailabilityZone: 'eu-central-1a' },
      MetadataOptions: { HttpTokens: 'required' },
    });
    const tags = Object.fromEntries(machine?.Tags?.map((tag) => [tag.Key, tag.Value]) ?? []);
    expect(tags).toMatchObject({
      from: 'template',
      'small:role': 'shard',
      'convoke:deployment': 'small',
      'aws:autoscaling:groupName': 'small-shard',
      'aws:cloudformation:stack-name': 'small',
    });
  }, 60_000);

  it('sends requests to the machine once the load balancer finds it healthy', async () => {
    const arn = await account.output('Shards');
    const health = async () => {
      const answer = await account
        .clients()
        .balancers.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
      return answer.TargetHealthDescriptions?.map((t) => [t.Target?.Id, t.TargetHealth?.State]);
    };
    await until(async () => (await health())?.[0]?.[1] === 'healthy');
    expect(await health()).toEqual([[first, 'healthy']]);
  }, 30_000);

  it('reports a target that is not registered as unused', async () => {
    const answer = await account.clients().balancers.send(
      new DescribeTargetHealthCommand({
        TargetGroupArn: await account.output('Shards'),
        Targets: [{ Id: 'i-0123456789abcdef0' }],
      }),
    );
    expect(answer.TargetHealthDescriptions).toMatchObject([
      { TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } },
    ]);
  });

  it('mails a confirmation request, which counts as confirmed', async () => {
    expect(account.mail()[0]).toMatchObject({
      to: MAIL_BOX,
      subject: 'AWS Notification - Subscription Confirmation',
    });
    const answer = await new SNSClient(account.config()).send(new ListSubscriptionsCommand({}));
    expect(answer.Subscriptions?.[0]?.SubscriptionArn).toMatch(/^arn:aws:sns:eu-central-1:\d+:small-alerts:/);
  });

  it('replaces a terminated machine in the other zone, and mails the reason', async () => {
    const { ec2, groups } = account.clients();
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
    second = await account.serving([first]);
    await until(() => account.mail().some((mail) => mail.body.includes(first)));

    const [machine] = await account.machines(['running']);
    expect(machine).toMatchObject({
      InstanceId: second,
      PrivateIpAddress: '10.20.1.10',
      Placement: { AvailabilityZone: 'eu-central-1b' },
    });
    const mail = account.mail().find(({ body }) => body.includes(first));
    expect(mail?.body).toContain(`"Machine ${first} has ended."`);
    expect(mail?.body).toMatch(/"Where: .*Availability Zone: ?eu-central-1a/);
    expect(mail?.body).toContain(
      'in response to an EC2 health check indicating it has been terminated or stopped.',
    );

    const answer = await groups.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: 'small-shard' }),
    );
    const causes = answer.Activities?.map((a) => [
      a.Description,
      a.StatusCode,
      a.Cause?.replaceAll(/At \S+ /g, ''),
    ]);
    expect(causes).toContainEqual([
      `Launching a new EC2 instance: ${second}`,
      'Successful',
      'an instance was launched in response to an unhealthy instance needing to be replaced.',
    ]);
    expect(answer.Activities?.at(-1)?.Cause).toMatch(
      /^At \S+Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 1\. {2}At \S+Z an instance was started/,
    );
  }, 60_000);

  it('ignores an unhealthy report about a new machine, unless the call disregards the grace period', async () => {
    const { groups } = account.clients();
    const report = (ShouldRespectGracePeriod: boolean) =>
      groups.send(
        new SetInstanceHealthCommand({
          InstanceId: second,
          HealthStatus: 'Unhealthy',
          ShouldRespectGracePeriod,
        }),
      );
    await report(true);
    expect((await account.group())?.Instances?.[0]).toMatchObject({
      InstanceId: second,
      HealthStatus: 'Healthy',
    });
    await report(false);
    expect(await account.serving([first, second])).toBeTruthy();
    await until(() =>
      account.mail().some(({ body }) => body.includes(second) && body.includes('a user health-check.')),
    );
  }, 60_000);

  it('launches in the zone that has capacity', async () => {
    const before = await account.serving();
    writeFileSync(
      join(account.run, 'faults.json'),
      JSON.stringify({ insufficient_capacity: ['eu-central-1b'] }),
    );
    await account.clients().ec2.send(new TerminateInstancesCommand({ InstanceIds: [before] }));
    await account.serving([before]);
    const [machine] = await account.machines(['running']);
    expect(machine?.Placement?.AvailabilityZone).toBe('eu-central-1a');
    const answer = await account.clients().groups.send(new DescribeScalingActivitiesCommand({}));
    const failed = answer.Activities?.find((activity) => activity.StatusCode === 'Failed');
    expect(failed?.StatusMessage).toContain(
      'sufficient t4g.small capacity in the Availability Zone you requested (eu-central-1b)',
    );
  }, 60_000);

  it('starts a machine with EC2’s delay after its launch', async () => {
    const before = await account.serving();
    writeFileSync(join(account.run, 'faults.json'), JSON.stringify({ launch_seconds: 3 }));
    const ended = Date.now();
    await account.clients().ec2.send(new TerminateInstancesCommand({ InstanceIds: [before] }));
    await account.serving([before]);
    expect(Date.now() - ended).toBeGreaterThan(3_000);
  }, 60_000);

  it('leaves only the validation record of its certificate behind', async () => {
    await account.deleteStack();
    await account.stackIs('DELETE_COMPLETE');
    const { ec2, balancers, names } = account.clients();
    expect(await account.machines()).toEqual([]);
    expect(await account.group()).toBeUndefined();
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.filter((vpc) => !vpc.IsDefault)).toEqual([]);
    const securityGroups = (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups;
    expect(securityGroups?.map((group) => group.GroupName)).toEqual(['default']);
    expect((await balancers.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
    const records = await names.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
    const left = records.ResourceRecordSets?.filter((record) => !['NS', 'SOA'].includes(record.Type ?? ''));
    expect(left).toHaveLength(1);
    expect(left?.[0]?.Name).toMatch(new RegExp(`^_[0-9a-f]{32}\\.${DOMAIN}\\.$`));
    expect(left?.[0]?.ResourceRecords?.[0]?.Value).toMatch(/\.acm-validations\.aws\.$/);
  }, 60_000);

  it('can be deleted while it waits for a machine, and leaves nothing else behind', async () => {
    const nowhere = ['eu-central-1a', 'eu-central-1b'];
    writeFileSync(join(account.run, 'faults.json'), JSON.stringify({ insufficient_capacity: nowhere }));
    await account.createStack();
    await until(async () => (await account.group()) !== undefined);
    expect((await account.stack())?.StackStatus).toBe('CREATE_IN_PROGRESS');
    await account.deleteStack();
    await account.stackIs('DELETE_COMPLETE');
    expect(await account.group()).toBeUndefined();
    const { ec2, balancers } = account.clients();
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.filter((vpc) => !vpc.IsDefault)).toEqual([]);
    expect((await balancers.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
  }, 60_000);
});

describe('a slow deployment', () => {
  it('can be deleted while it is being created, and leaves nothing behind', async () => {
    const account = await EmulatedAccount.start({ settle: 0, pace: 0.1 });
    const { ec2, balancers } = account.clients();
    const own = async () =>
      (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.filter((vpc) => !vpc.IsDefault);
    await account.createStack();
    await until(async () => (await own())?.length === 1);
    await account.deleteStack();
    expect((await account.stack())?.StackStatus).toBe('DELETE_IN_PROGRESS');
    await account.stackIs('DELETE_COMPLETE');
    expect(await own()).toEqual([]);
    expect((await balancers.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
    expect(await account.group()).toBeUndefined();
    await account.stop();
  }, 60_000);
});

describe('the emulator', () => {
  it('listens only on its port of loopback, and stops on request', async () => {
    const account = await EmulatedAccount.start({ settle: 0 });
    const { stdout } = await execa('ss', ['-Hltnp']);
    const own = stdout.split('\n').filter((line) => line.includes(`pid=${account.emulator.pid},`));
    expect(own.map((line) => line.trim().split(/\s+/)[3])).toEqual([`127.0.0.1:${account.emulator.port}`]);
    await account.stop();
    expect(() => process.kill(account.emulator.pid, 0)).toThrow();
  }, 60_000);

  it('names the port that is in use', async () => {
    const account = await EmulatedAccount.start({ settle: 0 });
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => server.address() !== null);
    const { port } = server.address() as { port: number };
    const { cache, run } = { cache: account.cache, run: account.run };
    await expect(startEmulator({ cache, run, port })).rejects.toMatchObject({
      name: 'PortTaken',
      message: `Port ${port} on 127.0.0.1 is taken.`,
      exitCode: 2,
    });
    server.close();
    await account.stop();
  }, 60_000);

  it('ends with its parent process, even if that is killed', async () => {
    const account = await EmulatedAccount.start({ settle: 0 });
    const program = join(account.run, 'parent.mjs');
    const source = new URL('../../src/rehearsal/emulator.ts', import.meta.url);
    await build({
      stdin: {
        contents: `import { startEmulator } from ${JSON.stringify(fileURLToPath(source))};
          const emulator = await startEmulator(JSON.parse(process.argv[2]));
          console.log(emulator.pid);
          setInterval(() => {}, 1000);`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      // Some packages in it are CommonJS.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      // It looks for the fleet next to itself.
      define: { 'import.meta.url': JSON.stringify(source.href) },
    });
    const options = { cache: account.cache, run: join(account.run, 'other'), port: 0 };
    const parent = execa('node', [program, JSON.stringify(options)], { reject: false });
    const [said] = await once(parent.stdout, 'data');
    const pid = Number(String(said));
    expect(pid).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await until(() => {
      try {
        return process.kill(pid, 0) && false;
      } catch {
        return true;
      }
    });
    await account.stop();
  }, 60_000);
});
