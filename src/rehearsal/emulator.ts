import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { z } from 'zod';
import { ConvokeError } from '../contract/errors.js';
import { EMULATOR, emulatorPython } from './emulator-install.js';

/** Start timeout of the emulator; it takes some seconds on two busy cores. */
const START_PATIENCE_MS = 60_000;
/** Timeout for a clean exit before the process is killed. */
const STOP_PATIENCE_MS = 5_000;
/** Exit code of the extension if its port is taken. */
const PORT_TAKEN_STATUS = 98;
/** File descriptor on which the extension reports that it is ready. */
const READY_DESCRIPTOR = 3;

const Ready = z.object({ port: z.number().int() });

export interface EmulatorOptions {
  /** Folder that `installEmulator` installed into. */
  readonly cache: string;
  /**
   * Folder for its log (`emulator.log`), delivered mail (`mail/`), consoles of machines (`consoles/`), faults
   * (`faults.json`) and the records of the user's DNS provider (`records`).
   */
  readonly run: string;
  /** Port on 127.0.0.1. 0: any free port. */
  readonly port: number;
  /** Unix socket of the daemon that runs machines; unset: machines are simulated. */
  readonly machines?: string;
  /** Whether IAM policies are enforced on callers, and signatures checked. Default: false. */
  readonly enforce?: boolean;
  /**
   * File in which calls that were checked against policies are logged, each once, one JSON object per line. Default: no
   * log.
   */
  readonly calls?: string;
  /** Account number. Default: `000000000000`. */
  readonly account?: string;
  /** Seconds between two ticks. Default: 0.5. */
  readonly tick?: number;
  /** Seconds until a simulated machine runs, and again until its targets are healthy. Default: 2. */
  readonly boot?: number;
  /**
   * Maximum health check grace period in seconds for machines that were healthy once. Default: 60. Machines that were
   * never healthy keep the whole period of their group.
   */
  readonly graceMax?: number;
  /**
   * Seconds that limit the window of alarms, the interval at which they call their scaling policies, and the cooldown
   * of simple scaling policies. Default: 30. Ten idle minutes then become half a minute.
   */
  readonly alarmMax?: number;
  /** Seconds until a change is visible everywhere: new roles, tags, lists, deleted names. Default: 1. */
  readonly settle?: number;
  /** Minimum duration of each CloudFormation resource operation in seconds. Default: 0. */
  readonly pace?: number;
}

/** The running process, from execa. */
export type EmulatorProcess = ReturnType<typeof runEmulator>;

export interface Emulator {
  /** Base URL of every AWS API. */
  readonly endpoint: string;
  readonly port: number;
  readonly process: EmulatorProcess;
  readonly pid: number;
  /** Credentials of the account's root user, the only ones at the start. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Stops the emulator; its state is lost. Resolves when the process has exited. */
  stop(): Promise<void>;
  /** Kills the emulator and the processes of its functions. */
  kill(): void;
}

/**
 * Starts the emulator with the extension on loopback and waits until it answers. All state is in memory, and it ends
 * with its parent process in any case. @throws ConvokeError `PortTaken`, `EmulatorNotStarted`
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
      const late = setTimeout(() => killGroup(child), STOP_PATIENCE_MS);
      await child;
      clearTimeout(late);
    },
    kill: () => killGroup(child),
  };
}

/** The emulator leads a process group, which the processes of its functions belong to. */
function killGroup(child: EmulatorProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended, or does not lead a group yet.
    child.kill('SIGKILL');
  }
}

function runEmulator(options: EmulatorOptions, credentials: Emulator['credentials']) {
  const log = { file: join(options.run, 'emulator.log'), append: true } as const;
  return execa(emulatorPython(options.cache), ['-m', 'emulator'], {
    cwd: options.run,
    // Standard input stays open while this process lives; the extension exits when it closes.
    stdio: ['pipe', log, log, 'pipe'],
    reject: false,
    buffer: false,
    // Environment variables that select another cloud must not be inherited.
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
    // The package may be in a read-only folder, so no bytecode is written.
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
    EMULATOR_CONSOLES: join(run, 'consoles'),
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

/** Waits for the extension's ready message and returns its port. */
async function ready(child: EmulatorProcess, options: EmulatorOptions): Promise<number> {
  const patience = AbortSignal.timeout(START_PATIENCE_MS);
  const late = new Promise<'late'>((resolve) =>
    patience.addEventListener('abort', () => resolve('late'), { once: true }),
  );
  const said = await Promise.race([text(child.stdio[READY_DESCRIPTOR]), late]);
  if (said === 'late') {
    killGroup(child);
    throw notStarted(options.run, `It did not answer within ${START_PATIENCE_MS / 1000} seconds.`);
  }
  // The extension closes the descriptor after the message; so does its exit.
  if (said) return Ready.parse(JSON.parse(said)).port;
  const { exitCode } = await child;
  throw exitCode === PORT_TAKEN_STATUS
    ? portTaken(options.port)
    : notStarted(options.run, 'It ended at once.');
}

/** Throws `PortTaken` if something listens on this loopback port. */
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
    fault: 'user',
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
