import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pWaitFor from 'p-wait-for';
import { z } from 'zod';
import { makeFolder } from '../config/folder.js';
import { isAlive } from '../config/process.js';
import { ConvokeError } from '../contract/errors.js';
import { RehearsalCloud, Running } from './cloud-client.js';
import { DaemonOptions, isStage, type Stage } from './daemon-protocol.js';
import { assertFree } from './emulator.js';
import { installEmulator } from './emulator-install.js';
import { removeNetwork } from './network.js';
import { paths, resourcesOf } from './paths.js';
import { removeContainers } from './podman.js';

/** The built daemon, even when this runs from source, as in tests. */
const DAEMON = fileURLToPath(new URL('../../dist/rehearsal/daemon.js', import.meta.url));
const DAEMON_NAME = '/rehearsal/daemon.js';
/** The first start creates images, which takes minutes; with a stuck disk or mirror it still has to end. */
const START_TIMEOUT_MS = 20 * 60_000;

/** The cloud that runs in this home, if any. */
export function openCloud(home?: string): RehearsalCloud | undefined {
  const where = paths(home);
  try {
    const running = Running.parse(JSON.parse(readFileSync(join(where.run, 'cloud.json'), 'utf8')));
    return isDaemon(running.pid, where.run) ? new RehearsalCloud(where, running) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a cloud in the background, after removing what is left of one that was killed. */
export async function startCloud(
  options: Omit<DaemonOptions, 'home'> & { home?: string },
  { onStage = () => {}, signal }: { onStage?: (stage: Stage) => void; signal?: AbortSignal } = {},
): Promise<RehearsalCloud> {
  const running = openCloud(options.home);
  if (running) return running;
  const where = paths(options.home);
  assertNotStarting(where.run);
  await stopCloud(options.home);
  for (const port of Object.values(options.ports)) await assertFree(port);
  makeFolder(where.run, 0o700);
  writeFileSync(join(where.run, 'starter'), String(process.pid));
  makeFolder(where.cache, 0o700);
  onStage('emulator');
  await installEmulator(where.cache);
  const log = join(where.run, 'daemon.log');
  if (!existsSync(where.run)) throw endedElsewhere();
  const output = openSync(log, 'a');
  const full: DaemonOptions = { ...options, home: join(where.run, '..') };
  const child = spawn(process.execPath, [DAEMON, JSON.stringify(full)], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  let linesRead = 0;
  let failure = '';
  const started = () => {
    signal?.throwIfAborted();
    if (!existsSync(log)) throw endedElsewhere();
    const lines = readFileSync(log, 'utf8').split('\n');
    for (; linesRead < lines.length - 1; linesRead++) {
      const line = lines[linesRead] ?? '';
      if (line.startsWith('failed ')) failure = line.slice('failed '.length);
      else if (isStage(line)) onStage(line);
    }
    return failure !== '' || child.exitCode !== null || existsSync(join(where.run, 'cloud.json'));
  };
  try {
    await pWaitFor(started, { interval: 100, timeout: START_TIMEOUT_MS });
    const cloud = openCloud(options.home);
    if (cloud) return cloud;
    throw notStarted(failure || JSON.stringify({ what: lastLine(log) }));
  } catch (error) {
    await stopCloud(options.home);
    throw error;
  }
}

/** `down` removes the files of a cloud that is starting, and ends its daemon. */
const endedElsewhere = (): ConvokeError =>
  new ConvokeError('RehearsalEnded', {
    what: 'The rehearsal was ended while it was starting.',
    why: 'Another command, such as "convoke --cloud rehearsal down", removed it.',
    now: 'Run the same command again to start it.',
    fault: 'user',
  });

/** Two concurrent starts would remove each other's files. */
function assertNotStarting(run: string): void {
  const file = join(run, 'starter');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (!pid || pid === process.pid || !isAlive(pid)) return;
  throw new ConvokeError('RehearsalStarting', {
    what: `Another convoke (process ${pid}) is starting a rehearsal on this machine.`,
    now: 'Wait for it, or take back what it made with "convoke --cloud rehearsal down".',
    fault: 'user',
  });
}

const Failure = z.object({ what: z.string(), why: z.string().default(''), now: z.string().default('') });

function notStarted(failure: string): ConvokeError {
  const { what, why, now } = Failure.parse(JSON.parse(failure));
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
 * Stops the cloud and removes everything but the cache: processes, containers, network, files; also what is left of a
 * cloud that was killed. Returns what could not be removed.
 */
export async function stopCloud(home?: string): Promise<string[]> {
  const where = paths(home);
  if (!existsSync(where.run)) return [];
  const resources = resourcesOf(where);
  const pids = daemonsOf(where.run);
  for (const pid of pids) kill(pid, 'SIGTERM');
  await pWaitFor(() => daemonsOf(where.run).length === 0, { interval: 50, timeout: 10_000 }).catch(() => {
    for (const pid of daemonsOf(where.run)) kill(pid, 'SIGKILL');
  });
  const left = await removeContainers(resources);
  if (existsSync(join(where.run, 'storage.conf')))
    await removeNetwork(resources).catch((error: Error) => left.push(`network: ${error.message}`));
  rmSync(where.run, { recursive: true, force: true });
  if (existsSync(where.run)) left.push(`folder ${where.run}`);
  if (existsSync(`/run/netns/${resources.namespace}`)) left.push(`network namespace ${resources.namespace}`);
  left.push(...daemonsOf(where.run).map((pid) => `process ${pid}`));
  return left;
}

/**
 * Processes whose command line identifies them as this rehearsal's daemon, from any installation of convoke. Nothing
 * else is ever killed.
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
    // It exited in the meantime.
  }
}
