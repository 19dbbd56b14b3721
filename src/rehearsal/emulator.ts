import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ExecaError, execa } from 'execa';
import { z } from 'zod';
import { isAlive } from '../config/process.js';
import { ConvokeError } from '../contract/errors.js';
import { PYTHON_PROBE } from './prerequisites.js';

/** The Python package beside this file, which runs MiniStack with the extension in it. */
const EMULATOR = fileURLToPath(new URL('./emulator', import.meta.url));
const REQUIREMENTS = join(EMULATOR, 'requirements.txt');

/** Longest that the emulator may take to answer; on two busy cores it takes some seconds. */
const START_PATIENCE_MS = 60_000;
/** Longest that it may take to end by itself before it is killed. */
const STOP_PATIENCE_MS = 5_000;
/** How the extension says that its port is taken. */
const PORT_TAKEN_STATUS = 98;
/** Where the extension says that it serves. */
const READY_DESCRIPTOR = 3;

const Ready = z.object({ port: z.number().int() });

export interface EmulatorOptions {
  /** Folder that `installEmulator` installed into. */
  readonly cache: string;
  /**
   * Folder for its log (`emulator.log`), the mail it delivers (`mail/`), the faults it is given (`faults.json`) and the
   * records that a person keeps with a DNS provider (`records`).
   */
  readonly run: string;
  /** On 127.0.0.1. 0: any that is free. */
  readonly port: number;
  /** Unix socket of whoever runs machines; unset: machines are simulated. */
  readonly machines?: string;
  /** Whether IAM policies are enforced on callers, and signatures checked. Default: false. */
  readonly enforce?: boolean;
  /** File to list the calls in that were checked against policies, a JSON object a line. Default: they are not listed. */
  readonly calls?: string;
  /** Number of the account. Default: `000000000000`. */
  readonly account?: string;
  /** Seconds between two conversations with the machines. Default: 0.5. */
  readonly tick?: number;
  /** Seconds that a simulated machine takes to run, and its targets to be healthy after that. Default: 2. */
  readonly boot?: number;
  /**
   * Upper bound, in seconds, of the groups' health check grace periods, for machines that were healthy once.
   * Default: 60. One that has never been healthy keeps the whole period of its group.
   */
  readonly graceMax?: number;
  /**
   * How far back, in seconds, an alarm looks at most, how seldom it calls its scaling policies again, and how long a
   * simple scaling policy cools down at most. Default: 30. Ten idle minutes are then half a minute.
   */
  readonly alarmMax?: number;
  /** Seconds that a change takes until all of the cloud knows it: new roles, tags, lists, names that were deleted. Default: 1. */
  readonly settle?: number;
  /** Seconds that each CloudFormation resource takes at least. Default: 0. */
  readonly pace?: number;
}

/** The running process, as execa hands it out. */
export type EmulatorProcess = ReturnType<typeof runEmulator>;

export interface Emulator {
  /** Base URL of every AWS API. */
  readonly endpoint: string;
  readonly port: number;
  readonly process: EmulatorProcess;
  readonly pid: number;
  /** Credentials of the account's root user, the only ones that exist at the start. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Ends it and everything it knew; resolves when its process has gone. */
  stop(): Promise<void>;
}

/** Where the environment of the pinned versions is: another one for other versions. */
function environment(cache: string): string {
  const versions = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  return join(cache, `emulator-${versions}`);
}

/** The interpreter that has the emulator's packages, where `installEmulator` has installed them. */
export const emulatorPython = (cache: string): string => join(environment(cache), 'bin', 'python');

/**
 * Installs the emulator at its pinned versions into the cache; does nothing where that was done.
 * It is built beside its place and moved there whole, so that one half installed is never taken for one.
 *
 * @throws ConvokeError `PythonMissing`, `EmulatorNotInstalled`
 */
export async function installEmulator(
  cache: string,
  progress: (step: string) => void = () => {},
): Promise<void> {
  const home = environment(cache);
  if (existsSync(home)) return;
  mkdirSync(cache, { recursive: true });
  removeUnfinished(cache);
  const draft = `${home}.${process.pid}.unfinished`;
  try {
    await assertPython();
    progress('making a Python environment for the emulator');
    await execa('python3', ['-m', 'venv', draft]);
    progress('installing the emulator into it');
    const options = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'];
    await execa(join(draft, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      ...options,
      '--requirement',
      REQUIREMENTS,
    ]);
    renameSync(draft, home);
  } catch (cause) {
    if (cause instanceof ConvokeError) throw cause;
    // Another process may have been quicker with the same.
    if (existsSync(home)) return;
    throw new ConvokeError('EmulatorNotInstalled', {
      what: 'The emulator of AWS could not be installed.',
      why: lastLine(cause),
      now: 'See that Python’s package index can be reached, directly or as pip is configured, and run this again.',
      cause,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Removes what installations that were interrupted have left; one that still runs is left alone. */
function removeUnfinished(cache: string): void {
  for (const name of readdirSync(cache)) {
    const pid = /^emulator-\w+\.(\d+)\.unfinished$/.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

async function assertPython(): Promise<void> {
  try {
    await execa('python3', ['-c', PYTHON_PROBE]);
  } catch (cause) {
    const old = cause instanceof ExecaError && cause.exitCode === 9;
    throw new ConvokeError('PythonMissing', {
      what: 'The rehearsal needs Python 3.10 or newer with its venv module.',
      why: old ? 'The python3 that is found first is older.' : lastLine(cause),
      now: 'On Debian: apt-get install python3-venv',
      fault: 'person',
      cause,
    });
  }
}

function lastLine(cause: unknown): string {
  const text = cause instanceof ExecaError ? String(cause.stderr || cause.shortMessage) : String(cause);
  return text.trim().split('\n').at(-1) ?? '';
}

/**
 * Starts the emulator with the extension in it, on loopback only, and waits until it answers.
 * It keeps everything in memory and ends with the process that started it, however that ends.
 *
 * @throws ConvokeError `PortTaken`, `EmulatorNotStarted`
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  mkdirSync(join(options.run, 'tmp'), { recursive: true });
  const child = runEmulator(options, credentials);
  const port = await ready(child, options);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    process: child,
    pid: child.pid ?? 0,
    credentials,
    async stop() {
      child.kill('SIGTERM', new Error('stopped'));
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
      await child;
      clearTimeout(late);
    },
  };
}

function runEmulator(options: EmulatorOptions, credentials: Emulator['credentials']) {
  const log = { file: join(options.run, 'emulator.log'), append: true } as const;
  return execa(emulatorPython(options.cache), ['-m', 'emulator'], {
    cwd: options.run,
    // Its standard input is open for as long as this process lives; the extension ends when it closes.
    stdio: ['pipe', log, log, 'pipe'],
    reject: false,
    buffer: false,
    // The variables that point other programs at some cloud must not reach into this one.
    extendEnv: false,
    env: environmentVariables(options, credentials),
  });
}

function environmentVariables(
  options: EmulatorOptions,
  credentials: Emulator['credentials'],
): Record<string, string> {
  const { run } = options;
  const seconds = {
    TICK: options.tick,
    BOOT_SECONDS: options.boot,
    GRACE_MAX: options.graceMax,
    ALARM_MAX: options.alarmMax,
    SETTLE: options.settle,
    PACE: options.pace,
  };
  return {
    PATH: process.env.PATH ?? '',
    HOME: run,
    TMPDIR: join(run, 'tmp'),
    PYTHONPATH: join(EMULATOR, '..'),
    PYTHONUNBUFFERED: '1',
    // The package may stand in a read-only place, and leaves nothing there.
    PYTHONDONTWRITEBYTECODE: '1',
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(options.port),
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    PERSIST_STATE: '0',
    DOCKER_HOST: 'unix:///nonexistent',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    EMULATOR_READY: String(READY_DESCRIPTOR),
    EMULATOR_MAIL: join(run, 'mail'),
    EMULATOR_FAULTS: join(run, 'faults.json'),
    EMULATOR_RECORDS: join(run, 'records'),
    ...(options.account && { MINISTACK_ACCOUNT_ID: options.account }),
    ...(options.machines && { EMULATOR_MACHINES: options.machines }),
    ...(options.enforce && { AUTH: 'true' }),
    ...(options.calls && { EMULATOR_CALLS: options.calls }),
    ...Object.fromEntries(
      Object.entries(seconds).flatMap(([name, value]) =>
        value === undefined ? [] : [[`EMULATOR_${name}`, String(value)]],
      ),
    ),
  };
}

/** Waits for the extension's word that it serves. Answers its port. */
async function ready(child: EmulatorProcess, options: EmulatorOptions): Promise<number> {
  const patience = AbortSignal.timeout(START_PATIENCE_MS);
  const late = new Promise<'late'>((resolve) =>
    patience.addEventListener('abort', () => resolve('late'), { once: true }),
  );
  const said = await Promise.race([text(child.stdio[READY_DESCRIPTOR]), late]);
  if (said === 'late') {
    child.kill('SIGKILL');
    throw notStarted(options.run, `It did not answer within ${START_PATIENCE_MS / 1000} seconds.`);
  }
  // The extension closes the descriptor behind its word; so does the end of its process.
  if (said) return Ready.parse(JSON.parse(said)).port;
  const { exitCode } = await child;
  throw exitCode === PORT_TAKEN_STATUS
    ? portTaken(options.port)
    : notStarted(options.run, 'It ended at once.');
}

/** Throws `PortTaken` when something listens on that port of loopback. */
export async function assertFree(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => reject(portTaken(port, cause)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

function portTaken(port: number, cause?: unknown): ConvokeError {
  return new ConvokeError('PortTaken', {
    what: `Port ${port} on 127.0.0.1 is taken.`,
    why: 'The rehearsal needs it, and something else listens there.',
    now: 'End that, or choose other ports: "convoke rehearse --ports AWS,WEB", with --keep for other verbs to use the same cloud.',
    fault: 'person',
    cause,
  });
}

function notStarted(run: string, why: string): ConvokeError {
  return new ConvokeError('EmulatorNotStarted', {
    what: 'The emulator of AWS did not start.',
    why,
    now: `Its log is ${join(run, 'emulator.log')}.`,
  });
}
