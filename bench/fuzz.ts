import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { z } from 'zod';
import { Output } from '../src/cli/output/output.js';
import { loadDeployment } from '../src/config/load.js';
import { startRehearsal } from '../src/rehearsal/account.js';
import { ADDRESSES } from '../src/rehearsal/addresses.js';
import { openCloud } from '../src/rehearsal/cloud.js';
import { rehearsedDeployment } from '../src/rehearsal/packages.js';
import { paths, resourcesOf } from '../src/rehearsal/paths.js';
import { Podman } from '../src/rehearsal/podman.js';
import { compareMemory, type Outcome, report, type UnitLook } from './fuzz/report.js';
import { Attacked, CHANNELS, type Channel, type Meeting, Met, type Target } from './fuzz/task.js';

/**
 * Sends structure-aware inputs on each channel of participants, for some minutes each, to a rehearsal of two shards whose
 * meetings are for members. The attacker has a link to one room. Meanwhile two participants meet in another room, and others
 * join them. The rehearsal is separate and ends with the run.
 */

const CONVOKE = 'dist/cli/main.js';
const ROOM = 'fuzzed';
const INNOCENT_ROOM = 'innocents';
const NEWCOMER_EVERY_SECONDS = 10;
/** Interval between checks of the machines, in seconds. */
const LOOK_EVERY = 5;
/** Seconds in which a daemon may release memory before the comparison. */
const REST = 30;
const UNITS = ['prosody', 'jicofo', 'nginx', 'haproxy', 'convoke-agent'];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    channels: { type: 'string', default: CHANNELS.join(',') },
    lanes: { type: 'string', default: '8' },
    packages: { type: 'string' },
    ports: { type: 'string', default: '4566,8443' },
    json: { type: 'boolean', default: false },
  },
});
const { minutes, seed, lanes } = z
  .object({
    minutes: z.coerce.number().positive(),
    seed: z.coerce.number().int(),
    lanes: z.coerce.number().int().positive(),
  })
  .parse(values);
const channels = z.array(z.enum(CHANNELS)).parse(values.channels.split(','));

const output = new Output({ json: values.json, color: true });
const resources = resourcesOf(paths());
const podman = Podman.ofMachines(resources);
const folder = mkdtempSync(join(tmpdir(), 'convoke-fuzz-'));
const config = join(folder, 'convoke.yaml');

const Status = z.object({ machines: z.array(z.object({ id: z.string(), role: z.string() })) });
const Invitation = z.object({ links: z.array(z.string()) });

async function main(): Promise<number> {
  const [aws = 0, web = 0] = values.ports.split(',').map(Number);
  writeFileSync(
    config,
    [
      'domain: meet.example.org',
      'region: eu-central-1',
      'alerts: ops@example.org',
      'size: team',
      'access: members',
      ...(values.packages ? [`packages: {directory: ${JSON.stringify(values.packages)}}`] : []),
      '',
    ].join('\n'),
  );
  const wanted = loadDeployment(config);
  const { deployment, media } = await rehearsedDeployment(wanted, paths());
  output.note(`seed ${seed}, ${minutes} min for each of ${channels.join(', ')}; Jitsi: ${media}`);
  try {
    await startRehearsal(wanted.region, {
      controlPlaneOnly: false,
      ports: { aws, web },
      prepare: { packages: deployment.packages.path, recorder: false },
      onProgress: (event) => output.progress(event),
    });
    await convoke('up');
    const endpointOverride = await openCloud()?.reach(wanted.domain);
    if (!endpointOverride) throw new Error('the rehearsal has no load balancer');
    const target = async (room: string): Promise<Target> => ({
      domain: wanted.domain,
      room,
      token: await invited(room),
      balancer: { address: ADDRESSES.balancer, port: 443, authority: endpointOverride.authority },
    });
    const attacked = await target(ROOM);
    const { machines } = Status.parse(JSON.parse(await convoke('status', '--json')));
    const shards = machines.filter(({ role }) => role !== 'bridge').map(({ id }) => id);
    const innocents = start('innocents', {
      target: await target(INNOCENT_ROOM),
      newcomerEverySeconds: NEWCOMER_EVERY_SECONDS,
    } satisfies Meeting);
    await innocents.line();
    const outcomes: Outcome[] = [];
    for (const channel of channels) outcomes.push(await fuzz(channel, attacked, shards, innocents));
    innocents.child.stdin?.end();
    const { data, text, ok } = report({ seed, minutes, media }, outcomes, output);
    output.result(data, text);
    return ok ? 0 : 1;
  } finally {
    await convoke('down', '--now');
    rmSync(folder, { recursive: true, force: true });
  }
}

const convoke = async (verb: string, ...args: string[]): Promise<string> =>
  (
    await execa(process.execPath, [CONVOKE, '--cloud', 'rehearsal', verb, '--config', config, ...args], {
      stderr: 'inherit',
    })
  ).stdout;

async function invited(room: string): Promise<string> {
  const { links } = Invitation.parse(JSON.parse(await convoke('invite', room, '--json', '--expires', '7d')));
  return new URL(links[0] ?? '').searchParams.get('jwt') ?? '';
}

interface Helper {
  readonly child: ChildProcess;
  /** Sends a line, if there is one, and returns the next line of its output. */
  line(ask?: string): Promise<unknown>;
}

/** Starts a process in the rehearsal's network namespace, in which the load balancers are. */
function start(name: string, task: object): Helper {
  const program = fileURLToPath(new URL(`./fuzz/${name}.mjs`, import.meta.url));
  const child = spawn(
    'nsenter',
    [
      `--net=/run/netns/${resources.namespace}`,
      ...['setpriv', '--pdeathsig', 'KILL', process.execPath, program, JSON.stringify(task)],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line(ask) {
      if (ask !== undefined) child.stdin?.write(`${ask}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the process "${name}" ended early`);
      return JSON.parse(value);
    },
  };
}

async function fuzz(
  channel: Channel,
  target: Target,
  shards: readonly string[],
  innocents: Helper,
): Promise<Outcome> {
  output.note(`${channel}: ${minutes} min`);
  await innocents.line('begin');
  const before = await unitsOf(shards);
  const attacker = start('attacker', { target, channel, seed, seconds: minutes * 60, lanes });
  const end = attacker.line().then((line) => Attacked.parse(line));
  let looks = 0;
  let down = 0;
  let over = false;
  end
    .finally(() => {
      over = true;
    })
    .catch(() => {});
  while (!over) {
    await Promise.race([end, wait(LOOK_EVERY * 1_000)]);
    for (const id of shards) {
      looks++;
      if (!(await shardServes(id))) down++;
    }
  }
  const { inputs, answers } = await end;
  const met = Met.parse(await innocents.line('end'));
  await wait(REST * 1_000);
  const after = await unitsOf(shards);
  return {
    channel,
    inputs,
    answers,
    looks,
    down,
    restarts: after.reduce((sum, { restarts }, n) => sum + restarts - (before[n]?.restarts ?? 0), 0),
    memory: compareMemory(before, after),
    met,
  };
}

/** Whether the agent of a machine reports that its shard serves. */
async function shardServes(id: string): Promise<boolean> {
  const url = 'http://127.0.0.1:8100/health/shard';
  const answer = await podman
    .inside('exec', id, 'curl', '-s', '-o', '/dev/null', '-m', '5', '-w', '%{http_code}', url)
    .catch(() => '000');
  return answer.trim() === '200';
}

/** systemd's number of restarts of each unit on each machine, and the memory of each unit's user. */
async function unitsOf(ids: readonly string[]): Promise<UnitLook[]> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const units = UNITS.map((unit) => `${unit}.service`);
      const restarts = await podman.inside(
        'exec',
        id,
        'systemctl',
        'show',
        '--property=NRestarts',
        '--value',
        ...units,
      );
      const processes = await podman.inside('exec', id, 'ps', '-e', '--no-headers', '-o', 'rss,cgroup');
      const counts = restarts.split('\n').filter(Boolean).map(Number);
      return UNITS.map((unit, n) => ({
        machine: id,
        unit,
        restarts: counts[n] ?? Number.NaN,
        mib: processes
          .split('\n')
          .filter((line) => line.includes(`/${unit}.service`))
          .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[0]) / 1_024, 0),
      }));
    }),
  );
  return found.flat();
}

process.exitCode = await main();
