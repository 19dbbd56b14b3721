import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { ConvokeError } from '../contract/errors.js';
import { installCommand } from './prerequisites.js';

/** Seconds to wait for another run of apt, such as unattended upgrades. */
const PATIENCE = 300;

/**
 * Keeps services off with policy-rc.d, and puts back what a user had there, also after a run that was killed. apt waits for
 * dpkg's lock, but not for the lock of package lists (`DPkg::Lock::Timeout` in apt.conf(5)).
 */
const SCRIPT = `
set -eu
policy=$1 patience=$2; shift 2
restore() { if grep -qs '^# convoke:' "$policy"; then rm "$policy"; [ ! -e "$policy.before" ] || mv "$policy.before" "$policy"; fi; }
restore
trap restore EXIT
[ ! -e "$policy" ] || mv "$policy" "$policy.before"
printf '#!/bin/sh\n# convoke: services of packages stay off\nexit 101\n' >"$policy"
chmod 755 "$policy"
until said=$(apt-get -qq update 2>&1); do
  case $said in *"Could not get lock"*) ;; *) printf '%s\n' "$said" >&2; exit 100 ;; esac
  patience=$((patience - 1))
  [ "$patience" -gt 0 ] || { printf '%s\n' "$said" >&2; exit 100; }
  sleep 1
done
apt-get -qq -o "DPkg::Lock::Timeout=$patience" -y install --no-install-recommends "$@"
`;

/**
 * Installs packages with apt, one run at a time on this machine. Services of the packages stay off, now and at the next
 * boot. `root`: where the lock and policy-rc.d are. @throws ConvokeError `PrerequisitesMissing`
 */
export async function installPackages(packages: readonly string[], root = '/'): Promise<void> {
  if (packages.length === 0) return;
  const lock = join(root, 'run/convoke-apt.lock');
  const policy = join(root, 'usr/sbin/policy-rc.d');
  try {
    await execa('flock', [lock, 'sh', '-c', SCRIPT, 'install', policy, String(PATIENCE), ...packages], {
      env: { DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1', LC_ALL: 'C.UTF-8' },
    });
  } catch (cause) {
    throw new ConvokeError('PrerequisitesMissing', {
      what: `These packages could not be installed: ${packages.join(', ')}.`,
      why: reason(cause),
      now: `Install them by hand with "${installCommand(packages)}", then run the same command again.`,
      cause,
    });
  }
}

/** The first error of apt, or else what the system said. */
function reason(cause: unknown): string {
  const text = cause instanceof ExecaError ? String(cause.stderr || cause.shortMessage) : String(cause);
  const lines = text.trim().split('\n');
  return lines.find((line) => line.startsWith('E:')) ?? lines[0] ?? '';
}
