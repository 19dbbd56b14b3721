import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BAKED } from '../../contract/console-lines.js';
import { MACHINE_SPEC_FILE } from '../../contract/machine-layout.js';
import { ImageSpec } from '../../contract/machine-spec.js';
import { DAEMONS } from '../render/file.js';
import { aptGet, withoutStarting } from './apt.js';
import { run, succeeds } from './command.js';
import { installPatiently } from './install-patiently.js';
import type { Log } from './log.js';
import { disableSessionAgent, installSessionAgent } from './session-agent.js';

/** Milliseconds that the machine waits for its disk to be copied. Then it ends, because nobody may wait for it. */
const READY_FOR_MS = 30 * 60_000;

/** The same after a failure, in which the reason can be read from its console. */
export const FAILED_FOR_MS = 10 * 60_000;

/** Debian's timers that change packages: the disk must not be copied in the middle of that. */
const APT_TIMERS = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'apt-daily.service',
  'apt-daily-upgrade.service',
];

/**
 * What belongs to this machine alone: secrets and unique values that packages create when they are installed, and what
 * user data fetched. A machine that starts from the image gets its own, from cloud-init, systemd and provisioning.
 */
const REMOVED = [
  '/etc/convoke',
  '/opt/convoke',
  '/var/cache/convoke',
  '/var/lib/convoke',
  '/etc/jitsi/jicofo/config',
  '/etc/jitsi/videobridge/config',
  '/etc/ssl/certs/ssl-cert-snakeoil.pem',
  '/etc/ssl/private/ssl-cert-snakeoil.key',
  '/root/.bash_history',
  '/root/.ssh',
  '/home/admin/.bash_history',
  '/home/admin/.ssh',
  '/var/lib/systemd/random-seed',
  '/var/lib/systemd/credential.secret',
];

/** Folders whose files are removed; the folders belong to packages. */
const EMPTIED = [
  '/etc/prosody/certs',
  '/var/lib/prosody',
  '/var/lib/dhcp',
  '/var/lib/cloud',
  '/var/lib/amazon',
  '/var/lib/apt/lists',
  '/var/log',
  '/var/tmp',
];

/**
 * Installs everything for every role, as a machine image is to have it: the packages of Jitsi's release, Debian's
 * security updates, and nothing that starts before it is configured, is secret, or belongs to this machine alone. Then
 * it waits for its disk to be copied, and powers the machine off, which terminates it.
 */
export async function bake(log: Log): Promise<void> {
  const spec = ImageSpec.parse(JSON.parse(await readFile(MACHINE_SPEC_FILE, 'utf8')));
  log(`installing release ${spec.release.name} of Jitsi for a machine image`);
  await succeeds('systemctl', ['stop', ...APT_TIMERS]);
  await installPatiently(
    {
      ...spec,
      source: spec.packages,
      shard: true,
      bridge: true,
      members: true,
      turn: true,
      recorder: spec.recorder === true,
    },
    log,
  );
  await withoutStarting(async () => {
    await aptGet(['update'], log);
    await aptGet(['upgrade', '--with-new-pkgs'], log);
  });
  if (spec.shell) {
    await installSessionAgent(spec.region, log);
    await disableSessionAgent();
  }
  for (const daemon of DAEMONS) await succeeds('systemctl', ['disable', '--quiet', daemon]);
  await run('apt-get', ['clean']);
  await removeTraces();
  await run('sync', []);
  log(BAKED);
  await powerOff(READY_FOR_MS);
}

/** Ends this machine after a time: its launch template terminates machines that power themselves off. */
export async function powerOff(after: number): Promise<void> {
  await setTimeout(after);
  await succeeds('systemctl', ['poweroff']);
}

async function removeTraces(): Promise<void> {
  for (const path of [...REMOVED, ...(await hostKeys())]) await rm(path, { recursive: true, force: true });
  for (const folder of EMPTIED) await removeFiles(folder);
  // An empty file, not a missing one: systemd then makes an id, but does not enable all services as at a first boot
  // (machine-id(5), "First Boot Semantics").
  await truncate('/etc/machine-id').catch(() => undefined);
}

async function hostKeys(): Promise<string[]> {
  const names = await readdir('/etc/ssh').catch(() => []);
  return names.filter((name) => name.startsWith('ssh_host_')).map((name) => join('/etc/ssh', name));
}

/** A file that is mounted is not on the disk that is copied. */
function unlessMounted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EBUSY') throw error;
}

/** Removes files at any depth, and keeps folders: daemons expect theirs, with the owner that packages gave them. */
async function removeFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (!entry.isDirectory())
      await rm(join(entry.parentPath, entry.name), { force: true }).catch(unlessMounted);
}
