import { dirname, join } from 'node:path';
import { execa } from 'execa';
import waitFor from 'p-wait-for';
import { STICK_TABLE_SYNCED_FILE } from '../../../src/contract/machine-layout.js';
import { PORTS } from '../../../src/contract/ports.js';
import type { ClusterMember, ShardFacts } from '../../../src/node/facts.js';
import type { MachineFile } from '../../../src/node/render/file.js';
import { render } from '../../../src/node/render/index.js';
import { syncState } from '../../../src/node/stick-table-sync.js';
import { sampleFacts } from '../../sample-facts.js';
import { type DebianMachine, debianMachine } from '../debian-root.js';
import { AGENT, ASK_HAPROXY, SHARD } from './programs.js';

export type ShardMember = Extract<ClusterMember, { role: 'shard' }>;

/** A machine of a shard with a real edge and a real web server, in a network with the others. */
export interface Shard extends ShardMember {
  readonly machine: DebianMachine;
  /** A socket of this host that is connected to its edge. */
  readonly socketPath: string;
}

export interface Shards {
  /** Starts a machine with these cluster members. {@link reloadEdge} adds it to the others. */
  start(self: ShardMember, members: readonly ShardMember[]): Promise<Shard>;
  /** Disconnects a machine without closing its connections, or reconnects it. */
  plug(shard: Shard, plugged: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** An isolated network. */
export async function shards(): Promise<Shards> {
  const network = await debianMachine();
  await network.run('ip link add lan type bridge; ip link set lan up; ip address add 10.20.0.1/16 dev lan');
  const started: Shard[] = [];
  return {
    async start(self, members) {
      const machine = await debianMachine(filesOf(self, members));
      const shard = { ...self, machine, socketPath: join(network.shared, `${self.instanceId}.sock`) };
      await connect(network, machine, `port${started.length}`);
      started.push(shard);
      await machine.run(`
        ip address add ${self.privateAddress}/16 dev eth0; ip link set eth0 up
        mkdir -p /usr/share/jitsi-meet; echo 'the page' > /usr/share/jitsi-meet/index.html
        printf ${self.instanceId} > /run/name
        mkdir ${dirname(STICK_TABLE_SYNCED_FILE)}; touch ${STICK_TABLE_SYNCED_FILE}`);
      await write(machine, '/tmp/agent.mjs', AGENT);
      await write(machine, '/tmp/shard.mjs', SHARD);
      await write(machine, '/tmp/ask.mjs', ASK_HAPROXY);
      await write(machine, '/tmp/socket.cfg', SOCKET_CONFIG);
      await setAcceptsRooms(shard, true);
      await machine.run('node /tmp/agent.mjs > /dev/null 2>&1 &');
      await startShard(shard);
      await machine.run(`nginx > /dev/null 2>&1; ${START_EDGE}`);
      await relay(network, shard);
      return shard;
    },
    async plug(shard, plugged) {
      await network.run(`ip link set port${started.indexOf(shard)} ${plugged ? 'up' : 'down'}`);
    },
    async stop() {
      for (const { machine } of started) await machine.stop();
      await network.stop();
    },
  };
}

/** Runs on this host, because neither machine sees the other's processes. */
async function connect(network: DebianMachine, machine: DebianMachine, port: string): Promise<void> {
  const script = `ip link add ${port} type veth peer name eth0 netns ${machine.pid}; ip link set ${port} master lan up`;
  await execa('nsenter', ['--target', String(network.pid), '--net', 'sh', '-euc', script]);
}

/** Through a socket in a shared folder, because this host is not connected to the network. */
async function relay(network: DebianMachine, { instanceId, privateAddress }: Shard): Promise<void> {
  const config = `defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen edge
    bind unix@/tmp/files/${instanceId}.sock
    server edge ${privateAddress}:${PORTS.edge}
`;
  await write(network, `/tmp/${instanceId}.cfg`, config);
  await network.run(`haproxy -D -f /tmp/${instanceId}.cfg > /dev/null 2>&1`);
}

const write = (machine: DebianMachine, path: string, text: string): Promise<string> =>
  machine.run(`cat > ${path} <<'END OF FILE'\n${text}\nEND OF FILE\n`);

function factsOf(self: ShardMember, members: readonly ShardMember[]): ShardFacts {
  const { shard, instanceId, privateAddress, launched } = self;
  return sampleFacts({
    // With hosts: one path more that belongs to a room.
    spec: { shard, shards: ['a', 'b', 'c'], colocatedBridge: false, access: 'hosts' },
    instance: { instanceId, privateAddress, launched },
    members,
  });
}

const filesOf = (self: ShardMember, members: readonly ShardMember[]): MachineFile[] =>
  render(factsOf(self, members)).filter(({ path }) => /etc\/haproxy\/|nginx\.conf|config\.js/.test(path));

/** A second socket, on which HAProxy also shows its stick tables. */
const SOCKET = '/run/haproxy/test.sock';
const SOCKET_CONFIG = `global\n    stats socket ${SOCKET} level admin\n`;

const START_EDGE =
  'haproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg -f /tmp/socket.cfg > /dev/null 2>&1';

/** Renders a machine's edge for these cluster members, and reloads it. */
export async function reloadEdge(shard: Shard, members: readonly ShardMember[]): Promise<void> {
  for (const { path, text } of filesOf(shard, members)) await write(shard.machine, path, text);
  await shard.machine.run('kill -USR2 $(cat /run/haproxy.pid)');
  const expected = [shard, ...members].map(({ instanceId }) => instanceId).sort();
  await waitFor(async () => `${[...(await serversOf(shard)).keys()].sort()}` === `${expected}`, {
    interval: 50,
  });
}

/** Kills the edge, which loses its stick tables, and starts it again. */
export async function restartEdge({ machine }: Shard): Promise<void> {
  await machine.run(`kill -KILL $(pidof haproxy); while pidof haproxy; do sleep 0.05; done; ${START_EDGE}`);
}

export async function startShard({ machine }: Shard): Promise<void> {
  await machine.run(`node /tmp/shard.mjs > /dev/null 2>&1 & echo $! > /run/shard.pid
    until curl -sf -o /dev/null http://127.0.0.1:${PORTS.jicofo}/; do sleep 0.05; done`);
}

export async function killShard({ machine }: Shard): Promise<void> {
  await machine.run('kill -KILL $(cat /run/shard.pid)');
}

/** Sets the state that the agent reports to edges: `ready`, or `drain`, which keeps new rooms off the shard. */
export async function setAcceptsRooms({ machine }: Shard, accepts: boolean): Promise<void> {
  await machine.run(`echo ${accepts ? 'ready' : 'drain'} > /run/shard-state`);
}

/** The status of all shards on a machine's edge, by their names: `UP`, `DOWN`, `DRAIN (agent)`, … */
export async function serversOf(shard: Shard): Promise<Map<string, string>> {
  const rows = (await haproxyCommand(shard, 'show stat')).split('\n').map((line) => line.split(','));
  return new Map(
    rows.flatMap(([backend, server = '', ...rest]) =>
      backend === 'shards' && server !== 'BACKEND' ? [[server, rest[15] ?? '']] : [],
    ),
  );
}

/** The stick table of a machine's edge, with hashed room names, for comparison with another edge's. */
export async function stickTableOf(shard: Shard): Promise<string[]> {
  const lines = (await haproxyCommand(shard, 'show table shards')).split('\n');
  return lines.flatMap((line) => /key=(\S+) .*server_key=(\S+)/.exec(line)?.slice(1).join(' ') ?? []).sort();
}

/** Marks the stick table of a machine's edge as synced or not, as its unit does. */
export async function setSynced({ machine }: Shard, synced: boolean): Promise<void> {
  await machine.run(`${synced ? 'touch' : 'rm'} ${STICK_TABLE_SYNCED_FILE}`);
}

/** Whether a machine's edge has the others' stick table or has given up. Before that it does not pass its table to a reloaded process. */
export async function isSynced(shard: Shard): Promise<boolean> {
  return syncState(await haproxyCommand(shard, 'show peers'), [true]) !== 'waiting';
}

const haproxyCommand = ({ machine }: Shard, question: string): Promise<string> =>
  machine.run(`node /tmp/ask.mjs ${SOCKET} '${question}'`);
