import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';

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
