import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { PORTS, REACHED_BY } from '../../src/contract/ports.js';
import { ROLE_TAG } from '../../src/contract/tags.js';
import type { Template } from '../../src/operations/synthesize.js';
import { ADDRESSES, balancerAddress } from '../../src/rehearsal/addresses.js';
import { inNamespace, namespacePath } from '../../src/rehearsal/network.js';
import { paths, resourcesOf } from '../../src/rehearsal/paths.js';
import { Podman } from '../../src/rehearsal/podman.js';
import { rehearsedAccount as account } from './rehearsed-account.js';
import { type Attempt, scan } from './scan.js';
import { type End, type Range, TemplateGroups } from './template-groups.js';

/** The ports that convoke uses, and some that services often use. */
const SAMPLE = [
  ...new Set([...Object.values(PORTS), 1, 22, 25, 53, 111, 443, 2379, 3128, 4443, 5269, 5347, 9100, 65_535]),
].toSorted((one, other) => one - other);

/** A running machine of the rehearsal. */
interface Machine {
  /** Of its Auto Scaling group. */
  readonly group: string;
  readonly role: string;
  readonly privateIp: string;
  readonly publicIp: string;
  /** Path of its network namespace. */
  readonly network: string;
}

/** The template that a stack was deployed with. */
async function deployedTemplate(stack: string): Promise<Template> {
  const { TemplateBody = '' } = await new CloudFormationClient(account()).send(
    new GetTemplateCommand({ StackName: stack }),
  );
  return JSON.parse(TemplateBody);
}

async function machines(): Promise<Machine[]> {
  const running = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] };
  const { Reservations = [] } = await new EC2Client(account()).send(new DescribeInstancesCommand(running));
  const podman = Podman.ofMachines(resourcesOf(paths()));
  return Promise.all(
    Reservations.flatMap(({ Instances = [] }) => Instances).map(async (each) => {
      const tag = (key: string) => each.Tags?.find(({ Key }) => Key === key)?.Value ?? '';
      return {
        group: tag('aws:autoscaling:groupName'),
        role: tag(ROLE_TAG),
        privateIp: each.PrivateIpAddress ?? '',
        publicIp: each.PublicIpAddress ?? '',
        network: await podman.networkOf(each.InstanceId ?? ''),
      };
    }),
  );
}

/** Ports from one end to another: those that are open, and those that are open according to the template. */
interface Finding {
  readonly what: string;
  readonly arrived: readonly string[];
  readonly open: readonly string[];
}

/**
 * Scans from the internet and from machines of each role, to one machine of each role and to the load balancers. Machines of
 * a role share their security groups, so one of each is enough.
 */
export async function ports(stack: string): Promise<Finding[]> {
  const groups = new TemplateGroups(await deployedTemplate(stack));
  const all = await machines();
  const [shard, otherShard] = all.filter(({ role }) => role === 'shard');
  const [bridge, otherBridge] = all.filter(({ role }) => role === 'bridge');
  if (!shard || !otherShard || !bridge || !otherBridge)
    throw new Error('Two shards and two bridges are needed.');
  const end = (machine: Machine | undefined, isPrivate: boolean): End =>
    machine
      ? {
          groups: groups.ofAutoScalingGroup(machine.group),
          address: isPrivate ? machine.privateIp : machine.publicIp,
          isPrivate,
        }
      : { address: ADDRESSES.internet, isPrivate: false };
  const expected = new Map<Attempt, { what: string; ranges: readonly Range[] }>();
  const plan = (
    from: Machine | undefined,
    to: Machine,
    kind: 'private' | 'public',
    tried: Pick<Attempt, 'tcp' | 'udp'>,
  ) => {
    const isPrivate = kind === 'private';
    const address = isPrivate ? to.privateIp : to.publicIp;
    const network = from?.network ?? namespacePath(resourcesOf(paths()));
    // Private addresses cannot be reached from the internet.
    const ranges = !from && isPrivate ? [] : groups.open(end(from, isPrivate), end(to, isPrivate));
    const what = `${from?.group ?? 'the internet'} to ${to.group} at its ${kind} address`;
    expected.set({ from: network, to: to.network, address, ...tried }, { what, ranges });
  };
  for (const to of [shard, bridge]) {
    plan(undefined, to, 'public', {});
    plan(undefined, to, 'private', { tcp: SAMPLE, udp: SAMPLE });
  }
  for (const [from, to] of [
    [otherShard, shard],
    [bridge, shard],
    [shard, bridge],
    [otherBridge, bridge],
  ] as const) {
    plan(from, to, 'private', { udp: SAMPLE });
    plan(from, to, 'public', { tcp: SAMPLE, udp: SAMPLE });
  }
  const results = [...(await scan([...expected.keys()]))].map(([attempt, arrived]) => {
    const { what = '', ranges = [] } = expected.get(attempt) ?? {};
    return { what, arrived: arrived.toSorted(), open: expand(ranges, attempt).toSorted() };
  });
  return [...results, ...(await balancerPorts(groups))];
}

/** The scanned ports that lie in the ranges, as `tcp 80`. */
function expand(ranges: readonly Range[], tried: Pick<Attempt, 'tcp' | 'udp'>): string[] {
  const each = ranges.flatMap(({ protocol, from, to }) => {
    const some = tried[protocol];
    const numbers = some ?? Array.from({ length: to - from + 1 }, (_, index) => from + index);
    return numbers
      .filter((port) => port >= from && port <= to && port > 0)
      .map((port) => `${protocol} ${port}`);
  });
  return [...new Set(each)];
}

/** Whether a connection to each port gets an answer, even a refusal. */
const CALLER = `
import json, socket, sys, threading
address, ports = json.loads(sys.argv[1])
answered = []
def call(port):
    try: socket.create_connection((address, port), 2).close()
    except TimeoutError: return
    except OSError: pass
    answered.append(f'tcp {port}')
threads = [threading.Thread(target=call, args=(port,)) for port in ports]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(answered))
`;

/** The same for the load balancers, from the internet. */
async function balancerPorts(groups: TemplateGroups): Promise<Finding[]> {
  const resources = resourcesOf(paths());
  return Promise.all(
    (['application', 'network'] as const).map(async (kind) => {
      const address = balancerAddress(kind);
      const called = await inNamespace(resources, 'python3', '-c', CALLER, JSON.stringify([address, SAMPLE]));
      const internet = { address: ADDRESSES.internet, isPrivate: false };
      const ranges = groups.open(internet, { groups: groups.ofBalancer(kind), address, isPrivate: false });
      return {
        what: `the internet to the ${kind} load balancer`,
        arrived: (JSON.parse(called.stdout) as string[]).toSorted(),
        open: expand(ranges, { tcp: SAMPLE, udp: [] }).toSorted(),
      };
    }),
  );
}

const LOOPBACK = /^(127\.|\[::1\])/;

/** Ports that listen on an address other than loopback, for each machine, and those that are not in the list of ports. */
export async function listeners(): Promise<{ what: string; known: string[]; unknown: string[] }[]> {
  const known = new Set([
    // sshd of Debian's image, for the ranges in the file.
    'tcp 22',
    ...Object.entries(REACHED_BY)
      .filter(([, { from }]) => from !== 'nobody')
      .map(([name, { protocol }]) => `${protocol} ${PORTS[name as keyof typeof PORTS]}`),
  ]);
  return Promise.all(
    (await machines()).map(async ({ network, group }) => {
      const { stdout } = await execa('nsenter', [`--net=${network}`, 'ss', '-Htuln']);
      const open = stdout
        .split('\n')
        .map((line) => line.split(/\s+/))
        .map(([protocol = '', , , , local = '']) => ({
          local,
          name: `${protocol} ${local.split(':').at(-1)}`,
        }))
        .filter(({ local }) => !LOOPBACK.test(local));
      return {
        what: group,
        known: [...new Set(open.map(({ name }) => name).filter((name) => known.has(name)))].toSorted(),
        unknown: open.filter(({ name }) => !known.has(name)).map(({ local, name }) => `${name} at ${local}`),
      };
    }),
  );
}
