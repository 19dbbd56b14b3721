import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pWaitFor from 'p-wait-for';
import { z } from 'zod';
import type { EndpointOverride } from '../cloud/account.js';
import { isAlive } from '../config/process.js';
import { turnName } from '../config/turn.js';
import { ConvokeError } from '../contract/errors.js';
import { ADDRESSES, placeAt } from './addresses.js';
import { Authority } from './certificate-authority.js';
import { changeFaults } from './cloud-faults.js';
import { DaemonOptions } from './daemon-options.js';
import { assertFree, installEmulator } from './emulator.js';
import type { MachineFault } from './machine-faults.js';
import { removeNetwork } from './network.js';
import { type Paths, paths } from './paths.js';
import { Podman } from './podman.js';
import { isStage, type Stage } from './stages.js';

/** The built one, also where this is run from its source, as by tests. */
const DAEMON = fileURLToPath(new URL('../../dist/rehearsal/daemon.js', import.meta.url));
const DAEMON_NAME = '/rehearsal/daemon.js';
/** The first start makes images, which takes minutes; a disk or a mirror that is stuck must still end. */
const START_PATIENCE_MS = 20 * 60_000;

/** A mail as the person would read it. */
const Mail = z.object({ to: z.string(), subject: z.string(), body: z.string(), time: z.string() });
export type Mail = z.infer<typeof Mail>;

const Running = DaemonOptions.extend({ pid: z.number() });

/** A cloud on this machine that is running. */
export class RehearsalCloud {
  constructor(
    private readonly where: Paths,
    readonly options: z.infer<typeof Running>,
  ) {}

  get endpoint(): string {
    return `http://127.0.0.1:${this.options.ports.aws}`;
  }

  /** How a participant on this machine reaches a domain of the rehearsal; undefined with simulated machines. */
  async reach(domain: string): Promise<EndpointOverride | undefined> {
    if (!this.options.machines) return undefined;
    const authority = await Authority.open(this.where.cache);
    const place = placeAt(this.where);
    return {
      address: '127.0.0.1',
      port: this.options.ports.web,
      authority: authority.pem,
      browser: {
        command: ['nsenter', `--net=/run/netns/${place.namespace}`],
        resolverRules: `MAP ${domain} ${ADDRESSES.balancer}, MAP ${turnName(domain)} ${ADDRESSES.networkBalancer}`,
      },
    };
  }

  /** Where this machine asks for the rehearsal's names, by UDP; undefined where nothing is served. */
  get nameServer(): string | undefined {
    return this.options.machines ? `127.0.0.1:${this.options.ports.aws}` : undefined;
  }

  /** The person's DNS provider: a file of lines `NAME TYPE VALUE`. */
  get recordsFile(): string {
    return join(this.where.run, 'records');
  }

  /** Adds records there, as a person would who was asked to. */
  addRecords(records: readonly { name: string; type: string; value: string }[]): void {
    for (const { name, type, value } of records)
      appendFileSync(this.recordsFile, `${name} ${type} ${value}\n`);
  }

  /** Mail so far, oldest first. */
  mails(): Mail[] {
    const folder = join(this.where.run, 'mail');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .sort()
      .map((name) => Mail.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  }

  /** Takes the power away from a machine: its host fails, and nothing says goodbye. */
  cutPower = (id: string) => this.inflict({ kind: 'cut-power', id });

  /** Lets a machine stand still, with its connections open, until it is resumed. */
  pause = (id: string) => this.inflict({ kind: 'pause', id });
  resume = (id: string) => this.inflict({ kind: 'resume', id });

  /** Lets nothing reach a machine, and nothing come from it, until that is healed. */
  partition = (id: string) => this.inflict({ kind: 'partition', id });
  heal = (id: string) => this.inflict({ kind: 'heal', id });

  /** Kills the main process of a systemd unit; whether it is started again is the unit's own affair. */
  killProcess = (id: string, unit: string) => this.inflict({ kind: 'kill-process', id, unit });

  /** Stops a systemd unit in good order, until it is started again. */
  stopUnit = (id: string, unit: string) => this.inflict({ kind: 'stop-unit', id, unit });
  startUnit = (id: string, unit: string) => this.inflict({ kind: 'start-unit', id, unit });

  /** Has EC2 take a spot machine back, after so many seconds of notice; EC2 itself gives two minutes. */
  spotNotice(id: string, seconds = 120): void {
    changeFaults(this.where.run, (now) => ({
      ...now,
      interruptions: { ...now.interruptions, [id]: seconds },
    }));
  }

  /** From now on EC2 has no machine to give of these: zones, instance types, `spot` or `on-demand`. None: all are to be had. */
  lackCapacity(of: readonly string[]): void {
    changeFaults(this.where.run, (now) => ({ ...now, insufficient_capacity: [...of] }));
  }

  /** From now on a machine starts so many seconds after it is launched; nothing, where the cloud has ended meanwhile. */
  delayLaunches = (seconds: number): void => {
    if (!existsSync(this.where.run)) return;
    changeFaults(this.where.run, (now) => ({ ...now, launch_seconds: seconds }));
  };

  /** Brings a fault upon a machine; resolves when it has come. Throws `FaultRefused` where it cannot. */
  private async inflict(fault: MachineFault): Promise<void> {
    const call = request({
      socketPath: placeAt(this.where).sockets.world,
      path: '/fault',
      method: 'POST',
    });
    call.end(JSON.stringify(fault));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const said = await text(response);
    if (response.statusCode === 200) return;
    throw new ConvokeError('FaultRefused', {
      what: `Machine ${fault.id} cannot have the fault "${fault.kind}".`,
      why: said,
      now: 'See which machines run with "convoke --cloud rehearsal status".',
      fault: 'person',
    });
  }
}

/** The cloud that runs in this home, if one does. */
export function openCloud(home?: string): RehearsalCloud | undefined {
  const where = paths(home);
  try {
    const running = Running.parse(JSON.parse(readFileSync(join(where.run, 'cloud.json'), 'utf8')));
    return isDaemon(running.pid, where.run) ? new RehearsalCloud(where, running) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a cloud in the background. What an earlier one left after being killed is removed first. */
export async function startCloud(
  options: Omit<DaemonOptions, 'home'> & { home?: string },
  { onStage = () => {}, signal }: { onStage?: (stage: Stage) => void; signal?: AbortSignal } = {},
): Promise<RehearsalCloud> {
  const running = openCloud(options.home);
  if (running) return running;
  const where = paths(options.home);
  assertNobodyElseStarts(where.run);
  await stopCloud(options.home);
  for (const port of Object.values(options.ports)) await assertFree(port);
  mkdirSync(where.run, { recursive: true, mode: 0o700 });
  writeFileSync(join(where.run, 'starter'), String(process.pid));
  mkdirSync(where.cache, { recursive: true, mode: 0o700 });
  onStage('emulator');
  await installEmulator(where.cache);
  const log = join(where.run, 'daemon.log');
  const output = openSync(log, 'a');
  const full: DaemonOptions = { ...options, home: join(where.run, '..') };
  const child = spawn(process.execPath, [DAEMON, JSON.stringify(full)], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  let told = 0;
  let failure = '';
  const look = () => {
    signal?.throwIfAborted();
    const lines = readFileSync(log, 'utf8').split('\n');
    for (; told < lines.length - 1; told++) {
      const line = lines[told] ?? '';
      if (line.startsWith('failed ')) failure = line.slice('failed '.length);
      else if (isStage(line)) onStage(line);
    }
    return failure !== '' || child.exitCode !== null || existsSync(join(where.run, 'cloud.json'));
  };
  try {
    await pWaitFor(look, { interval: 100, timeout: START_PATIENCE_MS });
    const cloud = openCloud(options.home);
    if (cloud) return cloud;
    throw notStarted(failure || JSON.stringify({ what: lastLine(log) }));
  } catch (error) {
    await stopCloud(options.home);
    throw error;
  }
}

/** Two that start at once would each remove what the other has half made. */
function assertNobodyElseStarts(run: string): void {
  const file = join(run, 'starter');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (!pid || pid === process.pid || !isAlive(pid)) return;
  throw new ConvokeError('RehearsalStarting', {
    what: `Another convoke (process ${pid}) is starting a rehearsal on this machine.`,
    now: 'Wait for it, or take back what it made with "convoke --cloud rehearsal down".',
    fault: 'person',
  });
}

const Failure = z.object({ what: z.string(), why: z.string().default(''), now: z.string().default('') });

function notStarted(said: string): ConvokeError {
  const { what, why, now } = Failure.parse(JSON.parse(said));
  return new ConvokeError('CloudNotStarted', {
    what: `The rehearsal’s cloud did not start: ${what}`,
    why,
    now:
      now ||
      'Run the same command again; "convoke rehearse --control-plane-only" works with less of this machine.',
  });
}

const lastLine = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';

/**
 * Stops the cloud and removes all of it but the cache: processes, containers, network, files; also what is left of one
 * that was killed. Answers with what is still there, which should be nothing.
 */
export async function stopCloud(home?: string): Promise<string[]> {
  const where = paths(home);
  if (!existsSync(where.run)) return [];
  const place = placeAt(where);
  const pids = daemonsOf(where.run);
  for (const pid of pids) kill(pid, 'SIGTERM');
  await pWaitFor(() => daemonsOf(where.run).length === 0, { interval: 50, timeout: 10_000 }).catch(() => {
    for (const pid of daemonsOf(where.run)) kill(pid, 'SIGKILL');
  });
  const left: string[] = [];
  if (existsSync(join(where.run, 'storage.conf'))) {
    const podman = new Podman(place);
    await podman
      .run('rm', '--all', '--force', '--time', '0')
      .catch((error: Error) => left.push(`containers: ${error.message}`));
    const containers = await podman.run('ps', '--all', '--quiet').catch(() => '');
    left.push(
      ...containers
        .split('\n')
        .filter(Boolean)
        .map((id) => `container ${id}`),
    );
    await removeNetwork(place).catch((error: Error) => left.push(`network: ${error.message}`));
    await execa('umount', ['--recursive', '--lazy', join(where.run, 'podman')], { reject: false });
  }
  rmSync(where.run, { recursive: true, force: true });
  if (existsSync(where.run)) left.push(`folder ${where.run}`);
  if (existsSync(`/run/netns/${place.namespace}`)) left.push(`network namespace ${place.namespace}`);
  left.push(...daemonsOf(where.run).map((pid) => `process ${pid}`));
  return left;
}

/**
 * Processes that say of themselves, on their command line, that they are this rehearsal's, whichever installation of
 * convoke started them. Nothing else is ever ended.
 */
function daemonsOf(run: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isDaemon(pid, run));
}

function isDaemon(pid: number, run: string): boolean {
  try {
    const [, script, options] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (!script?.endsWith(DAEMON_NAME) || !options) return false;
    return paths(DaemonOptions.parse(JSON.parse(options)).home).run === run;
  } catch {
    return false;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between.
  }
}
