import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import waitFor from 'p-wait-for';
import type { MachineFile } from '../../src/node/render/file.js';
import { paths } from '../../src/rehearsal/paths.js';

/** The daemons of Debian 13, and parsers for the files of daemons that Debian does not have. */
const PACKAGES = [
  'haproxy',
  'nginx',
  'prosody',
  'lua-unbound',
  'openssl',
  'nodejs',
  'curl',
  'ruby-hocon',
  'systemd',
  'procps',
  'iproute2',
  'coturn',
  'nftables',
];

/**
 * A folder with Debian 13 and the daemons, created once with `mmdebstrap` and kept in the cache.
 * No daemon starts automatically, and changes of a test are discarded.
 */
export async function debianRoot(): Promise<string> {
  const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
  const root = join(paths().cache, `test-debian-13-${key}`);
  if (existsSync(root)) return root;
  await mkdir(dirname(root), { recursive: true });
  const draft = await mkdtemp(`${root}-`);
  try {
    await execa('mmdebstrap', [
      '--quiet',
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      'trixie',
      draft,
    ]);
    await chmod(draft, 0o755);
    await rename(draft, root);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return root;
}

/**
 * In the folder: the files at their paths, with their owners, over a temporary copy; no network except loopback.
 * What is in `given` is at `/tmp/files`.
 */
const ENTER = `
set -eu
mount -t tmpfs tmpfs "$2"; mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
cd "$2/root"
mount --rbind /dev dev; mount -t proc proc proc; mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp; mkdir tmp/files run/haproxy run/nginx run/prosody
mount --bind "$3" tmp/files
ip link set lo up
exec chroot . /bin/bash -euc '
  for user in jicofo jvb jibri convoke; do useradd --system "$user"; done; groupadd jitsi
  bash -eu /tmp/files/install.sh
  exec bash -u /tmp/files/script.sh'
`;

const ENVIRONMENT = {
  reject: false,
  all: true,
  env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
  extendEnv: false,
} as const;

/**
 * The kernel kills all processes there when the test's process ends in any way. A signal would not suffice: `unshare`
 * ignores SIGTERM while it waits, and a killed test sends none.
 */
const LIVE_AS_LONG = ['--pdeathsig', 'KILL', 'unshare'];
const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child'];

/** Runs a script in Debian 13 with the files of a machine at their paths. */
export async function inDebian(
  files: readonly MachineFile[],
  script: string,
): Promise<{ exitCode: number; stdout: string; all: string }> {
  const { enter, remove } = await prepare(files, script);
  try {
    const result = await execa('setpriv', enter, ENVIRONMENT);
    return { exitCode: result.exitCode ?? 1, stdout: result.stdout, all: result.all };
  } finally {
    await remove();
  }
}

/** A machine that runs until it is stopped. */
export interface DebianMachine {
  /** The process whose namespaces are the machine's. */
  readonly pid: number;
  /** A folder of this host, which is `/tmp/files` there. */
  readonly shared: string;
  /** Runs a script there, and returns its output. Rejects if it fails. */
  run(script: string): Promise<string>;
  stop(): Promise<void>;
}

/** Like {@link inDebian}, but the test can add network interfaces and run further scripts. */
export async function debianMachine(files: readonly MachineFile[] = []): Promise<DebianMachine> {
  const { enter, shared, remove } = await prepare(files, 'touch /tmp/files/ready; exec sleep infinity');
  const process = execa('setpriv', enter, { ...ENVIRONMENT, stdio: 'ignore' });
  await waitFor(() => existsSync(join(shared, 'ready')), { timeout: 60_000 });
  const outside = process.pid;
  const pid = Number(await readFile(`/proc/${outside}/task/${outside}/children`, 'utf8'));
  return {
    pid,
    shared,
    async run(script) {
      const inside = ['--target', String(pid), '--mount', '--net', '--pid', '--root', '--wd'];
      const { stdout } = await execa('nsenter', [...inside, 'bash', '-euc', script], {
        ...ENVIRONMENT,
        reject: true,
      });
      return stdout;
    },
    async stop() {
      process.kill('SIGKILL');
      await process;
      await remove();
    },
  };
}

async function prepare(
  files: readonly MachineFile[],
  script: string,
): Promise<{ enter: string[]; shared: string; remove(): Promise<void> }> {
  const root = await debianRoot();
  const scratch = await mkdtemp(join(tmpdir(), 'convoke-debian-'));
  const shared = join(scratch, 'files');
  await mkdir(shared);
  await mkdir(join(scratch, 'root'));
  const lines = files.map(({ path, mode, owner }, n) => {
    const [user = '', group = ''] = owner.split(':');
    return `install -D -m ${mode.toString(8)} -o ${user} -g ${group} /tmp/files/${n} '${path}'`;
  });
  await Promise.all(files.map(({ text }, n) => writeFile(join(shared, String(n)), text)));
  await writeFile(join(shared, 'install.sh'), lines.join('\n'));
  await writeFile(join(shared, 'script.sh'), script);
  return {
    enter: [...LIVE_AS_LONG, ...NAMESPACES, 'sh', '-c', ENTER, 'enter', root, join(scratch, 'root'), shared],
    shared,
    remove: () => rm(scratch, { recursive: true, force: true }),
  };
}
