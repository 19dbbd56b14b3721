import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import waitFor from 'p-wait-for';
import { z } from 'zod';
import { Output } from '../src/cli/output/output.js';
import { loadDeployment } from '../src/config/load.js';
import { SHARD_HEALTH_PATH } from '../src/contract/machine-layout.js';
import { PORTS } from '../src/contract/ports.js';
import { startRehearsal } from '../src/rehearsal/account.js';
import { ADDRESSES } from '../src/rehearsal/addresses.js';
import { openCloud } from '../src/rehearsal/cloud.js';
import { rehearsedDeployment } from '../src/rehearsal/packages.js';
import { paths, resourcesOf } from '../src/rehearsal/paths.js';
import { Podman } from '../src/rehearsal/podman.js';
import { daemonsIn, type Kind } from './signalling/daemons.js';
import { type Round, report, type Way } from './signalling/report.js';
import { Answer, type Task } from './signalling/task.js';

/**
 * Measures how fast participants join rooms through the load balancer, the edges and two shards, compared with participants who
 * connect directly to the Prosody of one shard. Both in one run, in turn, in a separate rehearsal that ends with it.
 */

const CONFIG = 'examples/team.yaml';
const CONVOKE = 'dist/cli/main.js';
const PARTICIPANTS = fileURLToPath(new URL('./signalling/participants.mjs', import.meta.url));

const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '200' },
    participants: { type: 'string', default: '5' },
    processes: { type: 'string', default: String(cpus().length) },
    lanes: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
    ports: { type: 'string', default: '4566,8443' },
    json: { type: 'boolean', default: false },
  },
});
const [rooms, participants, processes, lanes, rounds] = z
  .array(z.coerce.number().int().positive())
  .parse([values.rooms, values.participants, values.processes, values.lanes, values.rounds]) as [
  number,
  number,
  number,
  number,
  number,
];
const output = new Output({ json: values.json, color: true });
const resources = resourcesOf(paths());
const podman = Podman.ofMachines(resources);
const wanted = loadDeployment(CONFIG);
const { domain } = wanted;

const WAYS = ['through', 'straight'] as const;

/** A shard's machine. */
interface Shard {
  readonly id: string;
  readonly network: string;
}

const Status = z.object({ machines: z.array(z.object({ id: z.string(), role: z.string() })) });

async function main(): Promise<void> {
  const [aws = 0, web = 0] = values.ports.split(',').map(Number);
  const { deployment } = await rehearsedDeployment(wanted, paths());
  try {
    await startRehearsal(wanted.region, {
      controlPlaneOnly: false,
      ports: { aws, web },
      prepare: { packages: deployment.packages.path, recorder: false },
      onProgress: (event) => output.progress(event),
    });
    await convoke('up');
    const { machines } = Status.parse(JSON.parse(await convoke('status', '--json')));
    const ids = machines.filter(({ role }) => role === 'shard').map(({ id }) => id);
    const shards = await Promise.all(ids.map(async (id) => ({ id, network: await podman.networkOf(id) })));
    const measured: Record<Way, Round[]> = { through: [], straight: [] };
    for (let n = 0; n < rounds; n++) {
      for (const way of WAYS) {
        output.note(`round ${n + 1} of ${rounds}: ${way}`);
        await restartDaemons(shards);
        measured[way].push(await round(way, shards));
      }
    }
    const { data, text } = report(measured, { rooms, participants, processes, lanes, rounds }, output);
    output.result(data, text);
  } finally {
    await convoke('down', '--now');
  }
}

const convoke = async (verb: string, ...args: string[]): Promise<string> =>
  (
    await execa(process.execPath, [CONVOKE, '--cloud', 'rehearsal', verb, '--config', CONFIG, ...args], {
      stderr: 'inherit',
    })
  ).stdout;

/** Removes participants and memory of the previous round. */
async function restartDaemons(shards: readonly Shard[]): Promise<void> {
  for (const { id } of shards)
    await podman.inside('exec', id, 'systemctl', 'restart', 'prosody', 'jicofo', 'nginx', 'haproxy');
  for (const { network } of shards) {
    const asks = [
      [`http://127.0.0.1:${PORTS.web}${SHARD_HEALTH_PATH}`],
      ['-d', requestFor('warm'), ...CONFERENCE],
    ];
    for (const ask of asks) {
      const curl = [`--net=${network}`, 'curl', '-sf', ...ask];
      await waitFor(async () => (await execa('nsenter', curl, { reject: false })).exitCode === 0, {
        interval: 250,
        timeout: 60_000,
      });
    }
  }
  // The load balancer uses an edge again after two successful checks, five seconds apart.
  await new Promise((resolve) => setTimeout(resolve, 15_000));
}

const CONFERENCE = [
  '-H',
  'content-type: application/json',
  `http://127.0.0.1:${PORTS.jicofo}/conference-request/v1`,
];
const requestFor = (room: string) => JSON.stringify({ room: `${room}@conference.${domain}`, properties: {} });

async function round(way: Way, shards: readonly Shard[]): Promise<Round> {
  const [first] = shards;
  const endpointOverride = await openCloud()?.reach(domain);
  if (!first || !endpointOverride) throw new Error('the rehearsal has no shard');
  const inRehearsal = `/run/netns/${resources.namespace}`;
  const look = () => ({
    shards: daemonsIn(shards.map(({ network }) => network)),
    balancer: daemonsIn([inRehearsal]).haproxy,
  });
  const names = Array.from({ length: rooms }, (_, n) => `bench-${way}-${n}`);
  const before = look();
  const from = performance.now();
  const groups = Array.from({ length: processes }, (_, n) =>
    start(way === 'through' ? inRehearsal : first.network, {
      domain,
      rooms: names.filter((_, index) => index % processes === n),
      participants,
      lanes,
      ...(way === 'through' && {
        balancer: { address: ADDRESSES.balancer, port: 443, authority: endpointOverride.authority },
      }),
    }),
  );
  const answers = await Promise.all(groups.map(({ answer }) => answer));
  const seconds = (performance.now() - from) / 1_000;
  const after = look();
  for (const { child } of groups) child.stdin?.end();
  await Promise.all(groups.map(({ ended }) => ended));
  const grown = (value: 'cpu' | 'memory') => ({
    ...(Object.fromEntries(
      Object.entries(after.shards).map(([kind, taken]) => [
        kind,
        taken[value] - before.shards[kind as Kind][value],
      ]),
    ) as Record<Kind, number>),
    balancer: after.balancer[value] - before.balancer[value],
    participants: answers.reduce((sum, answer) => sum + answer[value], 0),
  });
  return {
    joins: answers.flatMap(({ joins }) => joins),
    failures: answers.flatMap(({ failures }) => failures),
    seconds,
    cpu: grown('cpu'),
    memory: grown('memory'),
  };
}

function start(
  network: string,
  task: Task,
): { child: ChildProcess; answer: Promise<Answer>; ended: Promise<unknown> } {
  const child = spawn(
    'nsenter',
    [
      `--net=${network}`,
      'setpriv',
      '--pdeathsig',
      'KILL',
      process.execPath,
      PARTICIPANTS,
      JSON.stringify(task),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line').then(([text]) =>
    Answer.parse(JSON.parse(String(text))),
  );
  const early = ended.then(() => {
    throw new Error('the process of the participants ended before all had joined');
  });
  early.catch(() => {});
  return { child, answer: Promise.race([line, early]), ended };
}

await main();
