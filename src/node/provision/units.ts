import type { Daemon } from '../render/file.js';
import type { Reader } from './apply.js';
import { run, succeeds } from './command.js';
import type { Log } from './log.js';

/** These reload their configuration without closing connections. The others are restarted. */
const RELOADING: ReadonlySet<Daemon> = new Set([
  'nginx',
  'haproxy',
  'convoke-turn-peers',
  'convoke-metadata-access',
  'jibri',
]);

/** Has systemd, the journal, the resolver of names and the kernel load changed files. */
export async function reloadSystem(changed: ReadonlySet<Reader>, log: Log): Promise<void> {
  if (changed.has('systemd')) await run('systemctl', ['daemon-reload']);
  // Daemons keep their connection to the journal while it restarts: systemd holds it.
  if (changed.has('journal')) await run('systemctl', ['restart', 'systemd-journald']);
  // Images other than Debian's may not have it.
  if (changed.has('resolver')) await succeeds('systemctl', ['try-restart', 'systemd-resolved']);
  if (changed.has('kernel')) {
    // Not permitted in a container, which uses the host's values.
    await run('sysctl', ['--quiet', '--load', '/etc/sysctl.d/60-convoke.conf']).catch(() =>
      log('some kernel parameters could not be set; continuing with the system defaults'),
    );
  }
}

/** Reloads or restarts running daemons whose files changed. Stopped ones are left alone. */
export async function reloadRunning(
  daemons: readonly Daemon[],
  changed: ReadonlySet<Reader>,
  log: Log,
): Promise<void> {
  for (const daemon of daemons) {
    if (!changed.has(daemon) || !(await succeeds('systemctl', ['is-active', '--quiet', daemon]))) continue;
    const verb = RELOADING.has(daemon) ? 'reload-or-restart' : 'restart';
    log(`${verb === 'restart' ? 'restarting' : 'reloading'} ${daemon}, whose configuration changed`);
    await run('systemctl', [verb, daemon]);
  }
}

/** Starts daemons now and at each boot. A unit that reached its start limit gets another try. */
export async function start(daemons: readonly Daemon[], units: readonly string[], log: Log): Promise<void> {
  await run('systemctl', ['enable', '--quiet', ...units, ...daemons]);
  await succeeds('systemctl', ['reset-failed', ...daemons]);
  log(`starting ${daemons.join(', ')}`);
  const watching = units.filter((unit) => /\.(path|timer)$/.test(unit));
  await run('systemctl', ['start', ...watching, ...daemons]);
}
