import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  RebootInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActualState, DesiredState, EMPTY_STATE } from '../../src/rehearsal/emulated-state.js';
import { DOMAIN, EmulatedAccount } from './control-plane/account.js';

type Machine = ActualState['machines'][string];
type Health = ActualState['targets'][string][string];

const INITIAL: Health = { state: 'initial', reason: '' };

/** Machines that the test controls. They replace the rehearsal's machines behind their Unix socket. */
class Puppets {
  readonly machines: ActualState['machines'] = {};
  /** Health of every target, by instance. */
  readonly health: Record<string, Health> = {};
  desired: DesiredState = EMPTY_STATE;
  /** How often the desired state was posted. */
  posts = 0;
  private readonly server: Server;

  constructor(path: string) {
    this.server = createServer(async (request, response) => {
      expect(`${request.method} ${request.url}`).toBe('POST /state');
      // Anything that violates the contract fails here, and with it the test that waits for its effect.
      this.desired = DesiredState.parse(JSON.parse(await text(request)));
      this.posts++;
      const targets = Object.fromEntries(
        this.desired.targetGroups.map((group) => [
          group.arn,
          Object.fromEntries(group.targets.map(({ id }) => [id, this.health[id] ?? INITIAL])),
        ]),
      );
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ machines: this.machines, images: {}, targets } satisfies ActualState));
    }).listen(path);
  }

  set(id: string, state: Machine['state'], reason = ''): void {
    this.machines[id] = { state, reason };
  }

  wanted(id: string) {
    return this.desired.instances.find((instance) => instance.id === id);
  }

  /** The only machine that should run. */
  async next(except: string[] = []): Promise<string> {
    const fresh = () => this.desired.instances.find((i) => i.wanted === 'running' && !except.includes(i.id));
    await until(() => fresh() !== undefined);
    return fresh()?.id ?? '';
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const until = (condition: () => Promise<boolean> | boolean) =>
  pWaitFor(condition, { interval: 50, timeout: 20_000 });

describe('the interface between control plane and machines', () => {
  let account: EmulatedAccount;
  let puppets: Puppets;
  let first: string;
  let second: string;

  beforeAll(async () => {
    account = await EmulatedAccount.start({ settle: 0, machines: true, graceMax: 0 });
    puppets = new Puppets(account.machinesSocket);
  }, 300_000);
  afterAll(async () => {
    await account?.stop();
    puppets?.close();
  });

  const state = async (id: string) =>
    (
      await account.machines(['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'])
    ).find((machine) => machine.InstanceId === id)?.State?.Name;

  it('describes everything that is needed to create a machine', async () => {
    await account.createStack();
    first = await puppets.next();
    const wanted = puppets.wanted(first);
    expect(wanted).toMatchObject({
      wanted: 'running',
      imageId: 'ami-0deb1300000000a64',
      type: 't4g.small',
      architecture: 'arm64',
      zone: 'eu-central-1a',
      region: 'eu-central-1',
      account: '000000000000',
      privateIp: '10.20.0.10',
      publicIp: '203.0.113.10',
      tokensRequired: true,
      lifecycleState: 'InService',
      market: 'on-demand',
    });
    expect(wanted?.tags).toMatchObject({ 'small:role': 'shard', 'aws:autoscaling:groupName': 'small-shard' });
    expect(Buffer.from(wanted?.userData ?? '', 'base64').toString()).toBe('#!/bin/sh\necho small\n');
  }, 60_000);

  it('lists the security groups of machines and load balancers, and their rules', async () => {
    await until(() => puppets.desired.balancers.length > 0);
    const [[shard = ''] = [], [door = ''] = []] = [
      puppets.wanted(first)?.groups,
      puppets.desired.balancers[0]?.groups,
    ];
    const byId = () => new Map(puppets.desired.securityGroups.map((group) => [group.id, group]));
    const web = { protocol: 6, ports: { from: 80, to: 80 }, ranges: [] };
    const everything = { protocol: 'all', ports: null, ranges: ['0.0.0.0/0'], groups: [] };
    expect(byId().get(shard)).toEqual({
      id: shard,
      inbound: [{ ...web, groups: [door] }],
      outbound: [everything],
    });
    // As on AWS, a separate outbound rule replaces the default one of a group.
    expect(byId().get(door)).toEqual({ id: door, inbound: [], outbound: [{ ...web, groups: [shard] }] });

    const { ec2 } = account.clients();
    const list = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: 'offices',
        MaxEntries: 5,
        AddressFamily: 'IPv4',
        Entries: [{ Cidr: '198.51.100.0/24' }, { Cidr: '192.0.2.0/24' }],
      }),
    );
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: door,
        IpPermissions: [
          { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
          {
            IpProtocol: '17',
            FromPort: 5000,
            ToPort: 5001,
            PrefixListIds: [{ PrefixListId: list.PrefixList?.PrefixListId }],
          },
        ],
      }),
    );
    await until(() => byId().get(door)?.inbound.length === 2);
    expect(byId().get(door)?.inbound).toEqual([
      { protocol: 1, ports: { from: 8, to: -1 }, ranges: ['::/0'], groups: [] },
      {
        protocol: 17,
        ports: { from: 5000, to: 5001 },
        ranges: ['198.51.100.0/24', '192.0.2.0/24'],
        groups: [],
      },
    ]);
  }, 60_000);

  it('lets the stack wait until the machine runs, and no longer', async () => {
    puppets.set(first, 'starting');
    const posts = puppets.posts;
    await until(() => puppets.posts > posts + 3);
    expect(await state(first)).toBe('pending');
    expect((await account.stack())?.StackStatus).toBe('CREATE_IN_PROGRESS');
    puppets.set(first, 'running');
    await account.stackIs('CREATE_COMPLETE');
    expect(await state(first)).toBe('running');
  }, 60_000);

  it('describes the load balancer’s listeners, targets and names', async () => {
    await until(() => (puppets.desired.targetGroups[0]?.targets.length ?? 0) > 0);
    const { balancers, targetGroups, names } = puppets.desired;
    expect(targetGroups[0]).toMatchObject({
      protocol: 'HTTP',
      healthCheck: { path: '/health', interval: 5, timeout: 3, healthy: 2, unhealthy: 2, codes: '200' },
      targets: [{ id: first, ip: '10.20.0.10', port: 80 }],
    });
    expect(balancers[0]).toMatchObject({ idleTimeout: 3600 });
    const listeners = balancers[0]?.listeners.toSorted((a, b) => b.port - a.port);
    expect(listeners).toMatchObject([
      {
        port: 443,
        protocol: 'HTTPS',
        names: [DOMAIN],
        action: { kind: 'forward', targetGroup: targetGroups[0]?.arn },
      },
      {
        port: 80,
        protocol: 'HTTP',
        action: { kind: 'redirect', protocol: 'HTTPS', port: '443', status: 301 },
      },
    ]);
    expect(names).toContainEqual({ name: DOMAIN, target: balancers[0]?.dnsName });
  }, 30_000);

  it('issues credentials of the machine’s role', async () => {
    const credentials = puppets.wanted(first)?.credentials;
    if (!credentials) throw new Error('no credentials');
    const { role, expiration, ...keys } = credentials;
    const identity = await new STSClient(account.config(keys)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::000000000000:assumed-role/${role}/${first}`);
    expect(Date.parse(expiration)).toBeGreaterThan(Date.now() + 3_600_000);
  });

  it('does not replace a machine during a reboot', async () => {
    await account.clients().ec2.send(new RebootInstancesCommand({ InstanceIds: [first] }));
    await until(() => puppets.wanted(first)?.wanted === 'stopped');
    puppets.set(first, 'stopped');
    await until(() => puppets.wanted(first)?.wanted === 'running');
    puppets.set(first, 'running');
    const posts = puppets.posts;
    await until(() => puppets.posts > posts + 3);
    expect(await state(first)).toBe('running');
    expect(await account.serving()).toBe(first);
  }, 30_000);

  it('changes nothing while the machines do not report', async () => {
    puppets.close();
    const log = () => account.log();
    await until(() => log().includes('the machines do not answer'));
    expect(await account.serving()).toBe(first);
    const { machines } = puppets;
    puppets = new Puppets(account.machinesSocket);
    Object.assign(puppets.machines, machines);
    await until(() => log().includes('the machines answer again'));
    expect(await account.serving()).toBe(first);
  }, 30_000);

  it('replaces a failed machine, and removes it once it has stopped', async () => {
    puppets.set(first, 'dead', 'exit code 137');
    second = await puppets.next([first]);
    expect(puppets.wanted(second)?.zone).toBe('eu-central-1b');
    await until(() => puppets.wanted(first)?.wanted === 'terminated');
    expect(puppets.wanted(first)?.lifecycleState).toBe('Terminated');
    expect(await state(first)).toBe('shutting-down');
    delete puppets.machines[first];
    await until(async () => (await state(first)) === 'terminated');
    await until(() => puppets.wanted(first) === undefined);
    puppets.set(second, 'running');
    expect(await account.serving()).toBe(second);
    await until(() => account.mail().some(({ body }) => body.includes(first)));
    expect(account.mail().find(({ body }) => body.includes(first))?.body).toContain(
      'EC2 instance status checks failure',
    );
  }, 60_000);

  it('replaces a machine that is unhealthy for the load balancer', async () => {
    const health = async () => {
      const TargetGroupArn = await account.output('Shards');
      const answer = await account
        .clients()
        .balancers.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return answer.TargetHealthDescriptions?.[0]?.TargetHealth;
    };
    const sick: Health = { state: 'unhealthy', reason: 'Target.Timeout: Request timed out' };
    puppets.health[second] = sick;
    await until(async () => (await health())?.State === 'unhealthy');
    expect(await health()).toMatchObject({ Reason: 'Target.Timeout', Description: 'Request timed out' });
    // It has never been healthy, so its provisioning may still be running.
    expect(await account.serving()).toBe(second);
    puppets.health[second] = { state: 'healthy', reason: '' };
    await until(async () => (await health())?.State === 'healthy');
    puppets.health[second] = sick;
    const third = await puppets.next([first, second]);
    puppets.set(third, 'running');
    puppets.health[third] = { state: 'healthy', reason: '' };
    delete puppets.machines[second];
    expect(await account.serving([second])).toBe(third);
    const answer = await account.clients().groups.send(new DescribeScalingActivitiesCommand({}));
    const end = answer.Activities?.find((activity) =>
      activity.Description?.includes(`Terminating EC2 instance: ${second}`),
    );
    expect(end?.Cause).toContain('in response to an ELB system health check failure.');
  }, 60_000);

  it('replaces a machine that was stopped', async () => {
    const third = await account.serving();
    await account.clients().ec2.send(new StopInstancesCommand({ InstanceIds: [third] }));
    await until(() => puppets.wanted(third)?.wanted !== 'running');
    const fourth = await puppets.next([third]);
    puppets.set(fourth, 'running');
    delete puppets.machines[third];
    expect(await account.serving([third])).toBe(fourth);
    await until(async () => (await state(third)) === 'terminated');
  }, 60_000);

  it('launches again if a machine fails before it runs', async () => {
    const before = await account.serving();
    await account.clients().ec2.send(new TerminateInstancesCommand({ InstanceIds: [before] }));
    delete puppets.machines[before];
    const stillborn = await puppets.next([before]);
    puppets.set(stillborn, 'dead', 'no such image');
    await until(() => puppets.wanted(stillborn)?.wanted === 'terminated');
    delete puppets.machines[stillborn];
    const answer = await account.clients().groups.send(new DescribeScalingActivitiesCommand({}));
    expect(answer.Activities?.find((a) => a.StatusCode === 'Failed')?.StatusMessage).toContain(
      'no such image',
    );
    const next = await puppets.next([before, stillborn]);
    puppets.set(next, 'running');
    expect(await account.serving()).toBe(next);
  }, 60_000);

  it('deletes a stack only once its last machine has stopped', async () => {
    const last = await account.serving();
    await account.deleteStack();
    await until(() => puppets.wanted(last)?.wanted === 'terminated');
    const posts = puppets.posts;
    await until(() => puppets.posts > posts + 3);
    expect((await account.stack())?.StackStatus).toBe('DELETE_IN_PROGRESS');
    delete puppets.machines[last];
    await account.stackIs('DELETE_COMPLETE');
    // The last posted state may be older.
    const { posts: before } = puppets;
    await until(() => puppets.posts > before + 1);
    expect(puppets.desired).toEqual({
      instances: [],
      images: [],
      balancers: [],
      targetGroups: [],
      securityGroups: [],
      names: [expect.anything()],
    });
  }, 60_000);
});
