import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ShellCommand } from '../cloud/account.js';
import type { Resources } from './paths.js';

/**
 * Runs Podman with its storage and networks in the rehearsal's folder and namespace, and with the images of the cache. Throws
 * with its error output on failure.
 */
export class Podman {
  private readonly env: Record<string, string>;

  private constructor(
    private readonly resources: Resources,
    configuration: Configuration,
  ) {
    this.env = { ...configuration, REGISTRIES_CONFIG_PATH: '/dev/null' };
  }

  /**
   * For machines. Their storage is the rehearsal's own, because Podman counts the mounts of a storage in a folder of the
   * rehearsal, and unmounts root file systems that it does not know to be used by another one.
   */
  static ofMachines(resources: Resources): Podman {
    const { cache, run } = resources;
    return new Podman(
      resources,
      configure(run, { storage: join(run, 'storage'), images: imageStore(cache) }),
    );
  }

  /** For creating images. Only one command on this computer may use it at a time; see {@link withImageLock}. */
  static ofImages(resources: Resources): Podman {
    const { cache, run } = resources;
    return new Podman(resources, configure(imageFolder(run), { storage: imageStore(cache) }));
  }

  /** In the namespace of the host: for images. */
  async run(...args: string[]): Promise<string> {
    return (await execa('podman', args, { env: this.env, stdin: 'ignore' })).stdout;
  }

  /** In the rehearsal's namespace: for machines. */
  async inside(...args: string[]): Promise<string> {
    const command = ['--net=/run/netns/'.concat(this.resources.namespace), 'podman', ...args];
    return (await execa('nsenter', command, { env: this.env, stdin: 'ignore' })).stdout;
  }

  /** The command that opens a shell in a machine, with a terminal. */
  shell(name: string): ShellCommand {
    const shell = [
      'podman',
      'exec',
      '--interactive',
      ...(process.stdin.isTTY ? ['--tty'] : []),
      name,
      'bash',
      '-l',
    ];
    return {
      file: 'nsenter',
      args: ['--net=/run/netns/'.concat(this.resources.namespace), ...shell],
      env: this.env,
    };
  }

  /** State of a container: `running`, `paused`, `exited`…; undefined if it does not exist. */
  async status(name: string): Promise<string | undefined> {
    return this.inside('container', 'inspect', '--format', '{{.State.Status}}', name).catch(() => undefined);
  }

  async isRunning(name: string): Promise<boolean> {
    return ['running', 'paused'].includes((await this.status(name)) ?? '');
  }

  /** The network namespace of a running container. Throws if it does not run. */
  async networkOf(name: string): Promise<string> {
    const path = await this.inside(
      'container',
      'inspect',
      '--format',
      '{{.NetworkSettings.SandboxKey}}',
      name,
    );
    if (!path) throw new Error(`${name} does not run, so it has no network.`);
    return path;
  }

  /** Whether an image exists. */
  async hasImage(name: string): Promise<boolean> {
    return (
      (await execa('podman', ['image', 'exists', name], { env: this.env, reject: false })).exitCode === 0
    );
  }

  /** Resolves when a container has ended, with its exit code. */
  async ended(name: string): Promise<string> {
    return this.run('wait', name).catch(() => 'gone');
  }
}

/** Removes all containers of a rehearsal, also of one that was killed. Returns what could not be removed. */
export async function removeContainers(resources: Resources): Promise<string[]> {
  const left: string[] = [];
  const { run } = resources;
  const used = (folder: string) => existsSync(join(folder, 'storage.conf'));
  const remove = async (podman: Podman) => {
    await podman
      .run('rm', '--all', '--force', '--time', '0')
      .catch((error: Error) => left.push(`containers: ${error.message}`));
    const containers = await podman.run('ps', '--all', '--quiet').catch(() => '');
    const ids = containers.split('\n').filter(Boolean);
    left.push(...ids.map((id) => `container ${id}`));
  };
  if (used(run)) await remove(Podman.ofMachines(resources));
  if (used(imageFolder(run))) await withImageLock(resources, () => remove(Podman.ofImages(resources)));
  for (const mount of mountsBelow(run)) await execa('umount', ['--lazy', mount], { reject: false });
  return left;
}

/** Mount points below a folder, innermost first. Linux writes spaces, tabs, line breaks and backslashes as octal numbers. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
}

/** Runs a task while no other rehearsal with the same cache creates images. The lock ends with this process. */
export async function withImageLock<Result>(
  { cache }: Pick<Resources, 'cache'>,
  task: () => Promise<Result>,
): Promise<Result> {
  const holder = execa('flock', [join(cache, 'images.lock'), 'sh', '-c', 'echo locked; exec cat']);
  try {
    await Promise.race([once(holder.stdout, 'data'), holder]);
    return await task();
  } finally {
    holder.stdin.end();
    await holder;
  }
}

/** Records of the containers that create images. */
const imageFolder = (run: string) => join(run, 'images');

/** Where the cache has its images. */
const imageStore = (cache: string) => join(cache, 'podman');

interface Configuration {
  readonly CONTAINERS_CONF: string;
  readonly CONTAINERS_STORAGE_CONF: string;
}

/** Podman's configuration and records for this rehearsal only, in a folder; images of another store can only be read. */
function configure(folder: string, { storage, images }: { storage: string; images?: string }): Configuration {
  mkdirSync(join(folder, 'networks'), { recursive: true });
  const storageFile = join(folder, 'storage.conf');
  const containersFile = join(folder, 'containers.conf');
  // Podman refuses to start while this folder does not exist.
  if (images) mkdirSync(images, { recursive: true });
  writeFileSync(
    storageFile,
    `[storage]
driver = "overlay"
graphroot = "${storage}"
runroot = "${join(folder, 'podman')}"
[storage.options]
additionalimagestores = [${images ? `"${images}"` : ''}]
[storage.options.overlay]
# Otherwise a command that ends unmounts all of the storage, also for one that starts a container at that moment.
skip_mount_home = "true"
`,
  );
  writeFileSync(
    containersFile,
    `[containers]
default_ulimits = ["nofile=${limit('Max open files', 1_048_576)}", "nproc=${limit('Max processes', 32_768)}"]
[engine]
# Podman's records of containers contain absolute paths. They are removed with the rehearsal, so that the cache, which
# has images only, can be copied or moved.
static_dir = "${join(folder, 'libpod')}"
tmp_dir = "${join(folder, 'libpod-tmp')}"
volume_path = "${join(folder, 'volumes')}"
runtime = "${runtime()}"
cgroup_manager = "cgroupfs"
events_logger = "none"
[network]
network_config_dir = "${join(folder, 'networks')}"
`,
  );
  return { CONTAINERS_CONF: containersFile, CONTAINERS_STORAGE_CONF: storageFile };
}

/** crun refuses a hybrid cgroup hierarchy; runc supports it. */
const runtime = (): string =>
  existsSync('/sys/fs/cgroup/unified') || !existsSync('/usr/bin/crun') ? 'runc' : 'crun';

/** A sandbox may have lower hard limits than Podman requests, and then no container starts. */
function limit(name: string, most: number): string {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(name));
  const hard = Number(line?.slice(name.length).trim().split(/\s+/)[1]);
  const value = Number.isFinite(hard) ? Math.min(hard, most) : most;
  return `${value}:${value}`;
}
