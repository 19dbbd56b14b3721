import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Resources } from './paths.js';

/**
 * Runs Podman with its storage in the cache and its networks in the rehearsal's namespace. Throws with its error
 * output on failure.
 */
export class Podman {
  private readonly env: Record<string, string>;

  constructor(private readonly resources: Resources) {
    this.env = { ...settings(resources), REGISTRIES_CONFIG_PATH: '/dev/null' };
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

/** Podman's configuration for this rehearsal only. */
function settings({ cache, run }: Resources): { CONTAINERS_CONF: string; CONTAINERS_STORAGE_CONF: string } {
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
# Podman's records of containers contain absolute paths. They are removed with the rehearsal, so that the cache, which
# has images only, can be copied or moved.
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
