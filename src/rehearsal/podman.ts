import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Place } from './addresses.js';

/** Runs Podman with its storage in the cache and its networks in the rehearsal's namespace. Throws what it says on failure. */
export class Podman {
  private readonly env: Record<string, string>;

  constructor(private readonly place: Place) {
    this.env = { ...settings(place), REGISTRIES_CONFIG_PATH: '/dev/null' };
  }

  /** In the namespace of the host: for images. */
  async run(...args: string[]): Promise<string> {
    return (await execa('podman', args, { env: this.env, stdin: 'ignore' })).stdout;
  }

  /** In the rehearsal's namespace: for machines. */
  async inside(...args: string[]): Promise<string> {
    const command = ['--net=/run/netns/'.concat(this.place.namespace), 'podman', ...args];
    return (await execa('nsenter', command, { env: this.env, stdin: 'ignore' })).stdout;
  }

  /** What a container is: `running`, `paused`, `exited`…; undefined where there is none of that name. */
  async status(name: string): Promise<string | undefined> {
    return this.inside('container', 'inspect', '--format', '{{.State.Status}}', name).catch(() => undefined);
  }

  async isRunning(name: string): Promise<boolean> {
    return ['running', 'paused'].includes((await this.status(name)) ?? '');
  }

  /** The network namespace of a container that runs. Throws where it does not. */
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

  /** Whether an image of that name is there. */
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

/** Podman's own configuration, for this rehearsal alone. */
function settings({ cache, run }: Place): { CONTAINERS_CONF: string; CONTAINERS_STORAGE_CONF: string } {
  mkdirSync(join(run, 'networks'), { recursive: true });
  const storage = join(run, 'storage.conf');
  const containers = join(run, 'containers.conf');
  writeFileSync(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${join(cache, 'podman')}"\nrunroot = "${join(run, 'podman')}"\n`,
  );
  writeFileSync(
    containers,
    `[containers]
default_ulimits = ["nofile=${limit('Max open files', 1_048_576)}", "nproc=${limit('Max processes', 32_768)}"]
[engine]
# What Podman knows of containers, it remembers with absolute paths. It ends with the rehearsal, so that the cache, which
# has images only, may be copied or moved.
static_dir = "${join(run, 'libpod')}"
tmp_dir = "${join(run, 'libpod-tmp')}"
volume_path = "${join(run, 'volumes')}"
runtime = "${runtime()}"
cgroup_manager = "cgroupfs"
events_logger = "none"
[network]
network_config_dir = "${join(run, 'networks')}"
`,
  );
  return { CONTAINERS_CONF: containers, CONTAINERS_STORAGE_CONF: storage };
}

/** crun refuses a tree of control groups that is half version 1; runc takes it. */
const runtime = (): string =>
  existsSync('/sys/fs/cgroup/unified') || !existsSync('/usr/bin/crun') ? 'runc' : 'crun';

/** A sandbox may hold its hard limits below what Podman asks for, and then no container starts. */
function limit(name: string, most: number): string {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(name));
  const hard = Number(line?.slice(name.length).trim().split(/\s+/)[1]);
  const value = Number.isFinite(hard) ? Math.min(hard, most) : most;
  return `${value}:${value}`;
}
