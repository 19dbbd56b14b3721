import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ADDRESSES } from './addresses.js';
import type { ActualState, DesiredState } from './emulated-state.js';
import { inject, type MachineFault } from './machine-faults.js';
import { MachineImages } from './machine-images.js';
import { forget, joinNetwork, translate } from './network.js';
import type { Resources } from './paths.js';
import { type PlaceFiles, writePlaceFiles } from './place-files.js';
import type { Podman } from './podman.js';

type Instance = DesiredState['instances'][number];
type MachineState = ActualState['machines'][string];

/**
 * Milliseconds for the shutdown of a machine that is terminated; EC2 allows minutes, but no machine of a rehearsal
 * needs them.
 */
const SHUTDOWN_SECONDS = 20;

/**
 * The first process makes the container's own network settings writable and becomes systemd. All other kernel
 * settings are the host's and stay read-only.
 */
const BOOT = `mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
exec /sbin/init`;

/**
 * An EC2 instance has its own processors to boot on. Here each container gets CPU weight like four threads of the
 * host, while browsers have dozens, and a quarter of one thread until this many milliseconds after its start, so that
 * booting uses what others leave.
 */
const SHARES = { booting: 256, booted: 4096, after: 60_000 };

/** Exit code of a container whose system has shut down by itself, also to reboot. A killed one has 137. */
const SHUT_DOWN = '0';

/** A machine that is being stopped or removed. */
const BUSY: MachineState = { state: 'starting', reason: '' };

/** The actions that bring machines to the desired state. */
export interface MachinePlan {
  /** Machines that do not exist, or are stopped. */
  readonly start: readonly Instance[];
  readonly stop: readonly string[];
  readonly remove: readonly string[];
}

/** Compares desired and known machines. A dead machine is not started again: its group replaces it. */
export function planMachines(desired: DesiredState, known: ReadonlyMap<string, MachineState>): MachinePlan {
  const wanted = new Map(desired.instances.map((instance) => [instance.id, instance]));
  const state = (id: string) => known.get(id)?.state;
  return {
    start: desired.instances.filter(
      ({ id, wanted: want }) => want === 'running' && (!known.has(id) || state(id) === 'stopped'),
    ),
    stop: desired.instances
      .filter(({ id, wanted: want }) => want === 'stopped' && state(id) === 'running')
      .map(({ id }) => id),
    remove: [...known.keys()].filter((id) => (wanted.get(id)?.wanted ?? 'terminated') === 'terminated'),
  };
}

/** The machines of the rehearsal: one container with systemd each, configured by cloud-init. */
export class Machines {
  private readonly states = new Map<string, MachineState>();
  private readonly instances = new Map<string, Instance>();
  private readonly busy = new Set<string>();
  private readonly files: PlaceFiles;
  readonly images: MachineImages;

  /** `image`: that of all machines whose image was not made of a machine. */
  constructor(
    readonly resources: Resources,
    readonly podman: Podman,
    private readonly image: string,
  ) {
    this.images = new MachineImages(podman);
    this.files = writePlaceFiles(resources.run);
  }

  get reality(): ActualState['machines'] {
    return Object.fromEntries(this.states);
  }

  instance(id: string): Instance | undefined {
    return this.instances.get(id);
  }

  /** Starts, stops and removes machines, and makes images of them; returns at once. */
  follow(desired: DesiredState): void {
    this.images.follow(desired.images, (id) => (this.busy.has(id) ? BUSY : this.states.get(id)));
    const { start, stop, remove } = planMachines(desired, this.states);
    for (const instance of start) void this.start(instance);
    for (const id of stop) void this.stop(id);
    const cut = new Set(desired.instances.filter(({ skipOsShutdown }) => skipOsShutdown).map(({ id }) => id));
    for (const id of remove) void this.remove(id, cut.has(id) ? 'power cut' : 'shutdown');
  }

  private async start(instance: Instance): Promise<void> {
    const { id } = instance;
    if (this.busy.has(id) || this.images.needs(id)) return;
    const before = this.instances.get(id);
    this.states.set(id, { state: 'starting', reason: '' });
    this.instances.set(id, instance);
    try {
      // A machine that starts again can have another public address.
      if (before) await forget(this.resources, before.publicIp, before.privateIp);
      if (instance.publicIp) await translate(this.resources, instance.publicIp, instance.privateIp);
      await this.podman.inside(...(before ? ['start', id] : this.runArguments(instance)));
      await joinNetwork(this.resources, await this.podman.networkOf(id));
      this.states.set(id, { state: 'running', reason: '' });
      void this.weighInFull(id);
      void this.podman.ended(id).then((code) => this.ended(id, code));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`machine ${id} did not start: ${reason}\n`);
      this.states.set(id, { state: 'dead', reason });
    }
  }

  private async weighInFull(id: string): Promise<void> {
    await wait(SHARES.after, undefined, { ref: false });
    // A machine that has ended in the meantime needs none.
    if (this.states.get(id)?.state === 'running')
      await this.podman.inside('update', '--cpu-shares', `${SHARES.booted}`, id).catch(() => {});
  }

  private ended(id: string, code: string): void {
    if (!this.states.has(id) || this.busy.has(id)) return;
    const reason = `the machine stopped (${code})`;
    this.states.set(id, code === SHUT_DOWN ? { state: 'stopped', reason } : { state: 'dead', reason });
  }

  /** Shuts a machine down and keeps it. */
  private async stop(id: string): Promise<void> {
    if (this.busy.has(id) || this.images.needs(id)) return;
    this.busy.add(id);
    try {
      await this.podman.inside('stop', '--time', String(SHUTDOWN_SECONDS), id);
      this.states.set(id, { state: 'stopped', reason: '' });
    } catch (error) {
      process.stderr.write(`machine ${id} could not be stopped: ${String(error)}\n`);
    } finally {
      this.busy.delete(id);
    }
  }

  private async remove(id: string, end: 'shutdown' | 'power cut'): Promise<void> {
    if (this.busy.has(id) || this.images.needs(id) || this.states.get(id)?.state === 'starting') return;
    this.busy.add(id);
    try {
      if (end === 'power cut') await this.inject({ kind: 'cut-power', id });
      // A frozen machine cannot shut down.
      else if ((await this.podman.status(id)) === 'running')
        await this.podman.inside('stop', '--time', String(SHUTDOWN_SECONDS), id);
      await this.podman.inside('rm', '--force', '--time', '0', '--ignore', '--volumes', id);
      const instance = this.instances.get(id);
      if (instance) await forget(this.resources, instance.publicIp, instance.privateIp);
      this.states.delete(id);
      this.instances.delete(id);
      await this.images.tidy();
    } catch (error) {
      process.stderr.write(`machine ${id} could not be removed: ${String(error)}\n`);
    } finally {
      this.busy.delete(id);
    }
  }

  /** Injects a fault into a machine. Throws if the machine does not exist or the fault is not possible. */
  async inject(fault: MachineFault): Promise<void> {
    const instance = this.instances.get(fault.id);
    if (!instance) throw new Error(`There is no machine ${fault.id}.`);
    await inject(fault, instance.privateIp, this);
  }

  private runArguments(instance: Instance): string[] {
    const { id, privateIp, region } = instance;
    return [
      'run',
      '--detach',
      '--name',
      id,
      '--hostname',
      id,
      '--systemd=always',
      // Under Podman's default parent all machines together would share one program's CPU time.
      '--cgroup-parent',
      '/',
      '--cpu-shares',
      `${SHARES.booting}`,
      // All of the host's memory, but as a limit: then the JVM measures its own load and not the host's.
      '--cpus',
      `${availableParallelism()}`,
      '--network',
      this.resources.network,
      '--ip',
      privateIp,
      '--dns',
      ADDRESSES.resolver,
      '--dns-search',
      `${region}.compute.internal`,
      // systemd needs the first for units with their own file system; root on EC2 has the others, too.
      '--cap-add',
      'SYS_ADMIN,NET_ADMIN,NET_RAW',
      '--security-opt',
      'apparmor=unconfined',
      '--security-opt',
      'label=disable',
      '--volume',
      `${this.files.cloudInit}:/etc/cloud/cloud.cfg.d/95-resources.cfg:ro`,
      '--volume',
      `${this.files.apt}:/etc/apt/apt.conf.d/95place:ro`,
      '--volume',
      `${this.files.resolved}:/etc/systemd/resolved.conf.d/place.conf:ro`,
      // On EC2, cloud-init's output is on the console, too. A container has none: systemd closes its standard output.
      '--volume',
      `${this.console(id)}:/var/log/cloud-init-output.log`,
      '--log-driver',
      'none',
      this.images.nameOf(instance.imageId) ?? this.image,
      '/bin/sh',
      '-c',
      BOOT,
    ];
  }

  private console(id: string): string {
    const folder = join(this.resources.run, 'consoles');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${id}.log`);
    writeFileSync(file, '');
    return file;
  }
}

/** Log file of a program that the rehearsal runs. */
export const logFile = (resources: Resources, name: string): number =>
  openSync(join(resources.run, `${name}.log`), 'a');
