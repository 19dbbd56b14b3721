import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ADDRESSES, type Place } from './addresses.js';
import type { Reality, World } from './emulated-state.js';
import { inflict, type MachineFault } from './machine-faults.js';
import { forget, joinNetwork, translate } from './network.js';
import type { Podman } from './podman.js';

type Instance = World['instances'][number];
type MachineState = Reality['machines'][string];

/**
 * Longest that a system may take to shut down when its machine is ended in good order; EC2 has minutes, but a rehearsal
 * has no machine that needs them.
 */
const SHUTDOWN_SECONDS = 20;

/**
 * The first process makes the kernel's network settings writable, which are the machine's own, and becomes systemd. All
 * other settings are those of the host, and stay out of reach.
 */
const BOOT = `mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
exec /sbin/init`;

/**
 * A machine of EC2 has a processor of its own, and boots on it. Here each counts for four threads of the host, of which
 * browsers have dozens, and for a quarter of one until this many milliseconds after its start, so that it boots on what
 * others leave.
 */
const SHARES = { booting: 256, booted: 4096, after: 60_000 };

/** What to do so that machines are as the world wants them. */
export interface MachinePlan {
  readonly start: readonly Instance[];
  readonly remove: readonly string[];
}

/** Compares what is wanted with what is known; a dead machine is not started again: its group replaces it. */
export function planMachines(world: World, known: ReadonlyMap<string, MachineState>): MachinePlan {
  const wanted = new Map(world.instances.map((instance) => [instance.id, instance]));
  return {
    start: world.instances.filter(({ id, wanted: want }) => want === 'running' && !known.has(id)),
    remove: [...known.keys()].filter((id) => (wanted.get(id)?.wanted ?? 'terminated') === 'terminated'),
  };
}

/** The machines of the rehearsal: a container with systemd each, told by cloud-init what to become. */
export class Machines {
  private readonly states = new Map<string, MachineState>();
  private readonly instances = new Map<string, Instance>();
  private readonly busy = new Set<string>();

  constructor(
    readonly place: Place,
    readonly podman: Podman,
    private readonly image: string,
  ) {}

  get reality(): Reality['machines'] {
    return Object.fromEntries(this.states);
  }

  instance(id: string): Instance | undefined {
    return this.instances.get(id);
  }

  /** Starts what has to be started and removes what has to go; returns at once. */
  follow(world: World): void {
    const { start, remove } = planMachines(world, this.states);
    for (const instance of start) void this.start(instance);
    const cut = new Set(world.instances.filter(({ skipOsShutdown }) => skipOsShutdown).map(({ id }) => id));
    for (const id of remove) void this.remove(id, cut.has(id) ? 'power cut' : 'shutdown');
  }

  private async start(instance: Instance): Promise<void> {
    const { id } = instance;
    this.states.set(id, { state: 'starting', reason: '' });
    this.instances.set(id, instance);
    try {
      if (instance.publicIp) await translate(this.place, instance.publicIp, instance.privateIp);
      await this.podman.inside(...this.runArguments(instance));
      await joinNetwork(this.place, await this.podman.networkOf(id));
      this.states.set(id, { state: 'running', reason: '' });
      void this.weighInFull(id);
      void this.podman.ended(id).then((code) => this.died(id, `the machine stopped (${code})`));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`machine ${id} did not start: ${reason}\n`);
      this.states.set(id, { state: 'dead', reason });
    }
  }

  private async weighInFull(id: string): Promise<void> {
    await wait(SHARES.after, undefined, { ref: false });
    // One that has ended meanwhile needs none.
    if (this.states.get(id)?.state === 'running')
      await this.podman.inside('update', '--cpu-shares', `${SHARES.booted}`, id).catch(() => {});
  }

  private died(id: string, reason: string): void {
    if (this.states.has(id) && !this.busy.has(id)) this.states.set(id, { state: 'dead', reason });
  }

  private async remove(id: string, end: 'shutdown' | 'power cut'): Promise<void> {
    if (this.busy.has(id) || this.states.get(id)?.state === 'starting') return;
    this.busy.add(id);
    try {
      if (end === 'power cut') await this.inflict({ kind: 'cut-power', id });
      // One that stands still could not be asked to shut down.
      else if ((await this.podman.status(id)) === 'running')
        await this.podman.inside('stop', '--time', String(SHUTDOWN_SECONDS), id);
      await this.podman.inside('rm', '--force', '--time', '0', '--ignore', '--volumes', id);
      const instance = this.instances.get(id);
      if (instance) await forget(this.place, instance.publicIp, instance.privateIp);
      this.states.delete(id);
      this.instances.delete(id);
    } catch (error) {
      process.stderr.write(`machine ${id} could not be removed: ${String(error)}\n`);
    } finally {
      this.busy.delete(id);
    }
  }

  /** Brings a fault upon a machine. Throws where there is no such machine, or it cannot have this fault. */
  async inflict(fault: MachineFault): Promise<void> {
    const instance = this.instances.get(fault.id);
    if (!instance) throw new Error(`There is no machine ${fault.id}.`);
    await inflict(fault, instance.privateIp, this);
  }

  private runArguments(instance: Instance): string[] {
    const { id, privateIp, region } = instance;
    const files = this.writePlaceFiles();
    return [
      'run',
      '--detach',
      '--name',
      id,
      '--hostname',
      id,
      '--systemd=always',
      // Podman's own parent would make all machines together count as one program.
      '--cgroup-parent',
      '/',
      '--cpu-shares',
      `${SHARES.booting}`,
      // All that there is, but as a limit: what has one measures its own load, and not the host's.
      '--cpus',
      `${availableParallelism()}`,
      '--network',
      this.place.network,
      '--ip',
      privateIp,
      '--dns',
      ADDRESSES.resolver,
      '--dns-search',
      `${region}.compute.internal`,
      // systemd needs the first for units with a file system of their own; root on EC2 has the others too.
      '--cap-add',
      'SYS_ADMIN,NET_ADMIN,NET_RAW',
      '--security-opt',
      'apparmor=unconfined',
      '--security-opt',
      'label=disable',
      '--volume',
      `${files.cloudInit}:/etc/cloud/cloud.cfg.d/95-place.cfg:ro`,
      '--volume',
      `${files.apt}:/etc/apt/apt.conf.d/95place:ro`,
      '--log-driver',
      'k8s-file',
      '--log-opt',
      `path=${join(this.consoles(), `${id}.log`)}`,
      this.image,
      '/bin/sh',
      '-c',
      BOOT,
    ];
  }

  private consoles(): string {
    const folder = join(this.place.run, 'consoles');
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** What the place has to tell a machine because it is no EC2; what it is to become stands in user data alone. */
  private writePlaceFiles(): { cloudInit: string; apt: string } {
    const cloudInit = join(this.place.run, 'cloud-init.cfg');
    const apt = join(this.place.run, 'apt.conf');
    writeFileSync(
      cloudInit,
      `datasource_list: [Ec2]
datasource: {Ec2: {strict_id: false, metadata_urls: ["http://${ADDRESSES.metadata}"], timeout: 5, max_wait: 20}}
network: {config: disabled}
locale: C.UTF-8
`,
    );
    writeFileSync(apt, `Acquire::http::Proxy "http://${ADDRESSES.apt}:3142";\n`);
    return { cloudInit, apt };
  }
}

/** A log of a program that the rehearsal runs. */
export const logFile = (place: Place, name: string): number => openSync(join(place.run, `${name}.log`), 'a');
