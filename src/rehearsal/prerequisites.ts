import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa, execaSync } from 'execa';
import { ConvokeError } from '../contract/errors.js';

/** A program that the rehearsal's machines need, and its Debian package. */
const NEEDED: readonly { program: string; package: string }[] = [
  { program: 'podman', package: 'podman' },
  { program: 'runc', package: 'runc' },
  { program: 'netavark', package: 'netavark' },
  { program: 'mmdebstrap', package: 'mmdebstrap' },
  { program: 'haproxy', package: 'haproxy' },
  { program: 'dnsmasq', package: 'dnsmasq-base' },
  { program: 'apt-cacher-ng', package: 'apt-cacher-ng' },
  { program: 'iptables', package: 'iptables' },
  { program: 'nft', package: 'nftables' },
  { program: 'ip', package: 'iproute2' },
  { program: 'nsenter', package: 'util-linux' },
  { program: 'openssl', package: 'openssl' },
  { program: 'dpkg-deb', package: 'dpkg' },
];

/** The search path includes the folders of root's daemons. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/podman', '/usr/libexec/podman'];

const isThere = (program: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_PATH].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Python code for `-c` that checks whether Python can create virtual environments, which is a separate package in
 * Debian. It exits with 9 if Python is too old.
 */
export const PYTHON_PROBE = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 9)';

const hasPython = (): boolean => execaSync('python3', ['-c', PYTHON_PROBE], { reject: false }).exitCode === 0;

/** Missing Debian packages: for the emulator alone, or for machines too. */
export const missingPackages = (machines = true): string[] => [
  ...(hasPython() ? [] : ['python3-venv']),
  ...(machines ? NEEDED.filter(({ program }) => !isThere(program)).map(({ package: name }) => name) : []),
];

/** Why machines cannot run here, in one sentence; undefined if they can, once packages are installed. */
export function whyNoMachines(): string | undefined {
  if (process.platform !== 'linux') return 'Machines are Linux containers, and this is not Linux.';
  if (process.getuid?.() !== 0) return 'Machines need their own network, which only root can create here.';
  return undefined;
}

/** The command that installs what is missing. */
export const installCommand = (packages: readonly string[]): string =>
  `apt-get install --no-install-recommends ${packages.join(' ')}`;

const POLICY = '/usr/sbin/policy-rc.d';

/** Seconds to wait for another run of apt, such as unattended upgrades. */
const OPTIONS = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];

/** Installs missing packages with apt. Services of the packages stay off, now and at the next boot. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  const before = existsSync(POLICY) ? readFileSync(POLICY) : undefined;
  const env = { DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' };
  try {
    writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(POLICY, 0o755);
    await execa('apt-get', [...OPTIONS, 'update'], { env });
    await execa('apt-get', [...OPTIONS, '-y', 'install', '--no-install-recommends', ...packages], { env });
  } catch (cause) {
    throw new ConvokeError('PrerequisitesMissing', {
      what: `These packages could not be installed: ${packages.join(', ')}.`,
      why:
        cause instanceof Error
          ? (cause.message.split('\n').find((line) => line.startsWith('E:')) ??
            cause.message.split('\n')[0] ??
            '')
          : '',
      now: `Install them by hand with "${installCommand(packages)}", then run the same command again.`,
      cause,
    });
  } finally {
    if (before === undefined) rmSync(POLICY, { force: true });
    else writeFileSync(POLICY, before);
  }
}
