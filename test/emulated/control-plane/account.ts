import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import pWaitFor from 'p-wait-for';
import type { Account } from '../../../src/cloud/account.js';
import { emulatedAccount } from '../../../src/rehearsal/emulated-account.js';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../src/rehearsal/emulator.js';
import { installEmulator } from '../../../src/rehearsal/emulator-install.js';
import { template } from './template.js';

export const DOMAIN = 'meet.example.org';
export const MAIL_BOX = 'ops@example.org';
const REGION = 'eu-central-1';
const STACK = 'small';

type StartOptions = Omit<Partial<EmulatorOptions>, 'machines'> & {
  /** Whether machines are external, behind `machinesSocket`. Default: simulated. */
  readonly machines?: boolean;
  /** Whether calls that are checked against policies are logged, in `calls` of its state folder. Default: false. */
  readonly list?: boolean;
};

/** A separate emulated account for a test, with queries that tests need. */
export class EmulatedAccount {
  private constructor(
    readonly emulator: Emulator,
    /** Where the emulator is installed. */
    readonly cache: string,
    /** Its state folder. */
    readonly run: string,
  ) {}

  static async start({ machines, list, ...options }: StartOptions = {}): Promise<EmulatedAccount> {
    const cache = join(process.env.CONVOKE_HOME ?? join(homedir(), '.convoke'), 'cache');
    await installEmulator(cache);
    const run = mkdtempSync(join(tmpdir(), 'convoke-control-plane-'));
    const emulator = await startEmulator({
      cache,
      run,
      port: 0,
      tick: 0.1,
      boot: 0.5,
      ...(machines && { machines: join(run, 'machines.sock') }),
      ...(list && { calls: join(run, 'calls') }),
      ...options,
    });
    return new EmulatedAccount(emulator, cache, run);
  }

  /** The socket of external machines. */
  get machinesSocket(): string {
    return join(this.run, 'machines.sock');
  }

  log(): string {
    return readFileSync(join(this.run, 'emulator.log'), 'utf8');
  }

  async stop(): Promise<void> {
    await this.emulator.stop();
    rmSync(this.run, { recursive: true, force: true });
  }

  /** Configuration of an SDK client; as the root user by default. */
  config(
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } = this.emulator
      .credentials,
  ) {
    return { endpoint: this.emulator.endpoint, region: REGION, credentials };
  }

  /** The account as a parameter of convoke's operations. */
  account(): Account {
    return emulatedAccount(this.config());
  }

  readonly clients = () => ({
    ec2: new EC2Client(this.config()),
    groups: new AutoScalingClient(this.config()),
    stacks: new CloudFormationClient(this.config()),
    balancers: new ElasticLoadBalancingV2Client(this.config()),
    names: new Route53Client(this.config()),
  });

  /** Creates the public zone example.org. Returns its id. */
  async makeZone(): Promise<string> {
    const zone = await this.clients().names.send(
      new CreateHostedZoneCommand({ Name: 'example.org', CallerReference: String(Date.now()) }),
    );
    return (zone.HostedZone?.Id ?? '').replace('/hostedzone/', '');
  }

  /** Creates a public zone and requests the stack of one machine in it. Returns the zone's id. */
  async createStack(): Promise<string> {
    const zoneId = await this.makeZone();
    await this.createStackOf(template({ zoneId, domain: DOMAIN, mail: MAIL_BOX }));
    return zoneId;
  }

  /** Requests a stack of any template. */
  async createStackOf(body: string): Promise<void> {
    await this.clients().stacks.send(
      new CreateStackCommand({
        StackName: STACK,
        TemplateBody: body,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Tags: [{ Key: 'convoke:deployment', Value: 'small' }],
      }),
    );
  }

  async deleteStack(): Promise<void> {
    await this.clients().stacks.send(new DeleteStackCommand({ StackName: STACK }));
  }

  async stack() {
    const answer = await this.clients().stacks.send(new DescribeStacksCommand({ StackName: STACK }));
    return answer.Stacks?.[0];
  }

  /** Waits until the stack has a status. Throws immediately if it has failed. */
  async stackIs(status: string): Promise<void> {
    await pWaitFor(
      async () => {
        const stack = await this.stack().catch(() => undefined);
        const now = stack?.StackStatus ?? 'DELETE_COMPLETE';
        if (now !== status && /FAILED|ROLLBACK/.test(now))
          throw new Error(`${now}: ${await this.failures()}`);
        return now === status;
      },
      { interval: 100, timeout: 30_000 },
    );
  }

  /** CloudFormation's reasons for failed resources of the stack. */
  private async failures(): Promise<string> {
    const { StackEvents = [] } = await this.clients().stacks.send(
      new DescribeStackEventsCommand({ StackName: STACK }),
    );
    return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.includes('FAILED'))
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`)
      .join('; ');
  }

  async output(key: string): Promise<string> {
    return (await this.stack())?.Outputs?.find((o) => o.OutputKey === key)?.OutputValue ?? '';
  }

  async group() {
    const answer = await this.clients().groups.send(new DescribeAutoScalingGroupsCommand({}));
    return answer.AutoScalingGroups?.[0];
  }

  /** Machines that are not terminated, by default those of the group. */
  async machines(
    states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'],
  ): Promise<Instance[]> {
    const answer = await this.clients().ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'instance-state-name', Values: states }] }),
    );
    return (answer.Reservations ?? []).flatMap((r) => r.Instances ?? []);
  }

  /** Waits until the group's only machine is in service, and is none of the given ones. */
  async serving(except: string[] = []): Promise<string> {
    let id = '';
    await pWaitFor(
      async () => {
        const member = (await this.group())?.Instances?.find(
          (m) => m.LifecycleState === 'InService' && !except.includes(m.InstanceId ?? ''),
        );
        id = member?.InstanceId ?? '';
        return id !== '';
      },
      { interval: 100, timeout: 20_000 },
    );
    return id;
  }

  /** Mail delivered so far, oldest first. */
  mail(): { to: string; subject: string; body: string; time: string; topic: string }[] {
    const folder = join(this.run, 'mail');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  }
}
