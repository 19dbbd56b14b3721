import type { Daemon } from '../render/file.js';
import type { Reader } from './apply.js';
import { run, succeeds } from './command.js';
import type { Log } from './console.js';

/** These take a new configuration without letting go of anyone. The others are restarted. */
const RELOADING: ReadonlySet<Daemon> = new Set([
  'nginx',
  'haproxy',
  'convoke-turn-peers',
  'convoke-metadata-access',
]);

/** Lets systemd, the journal and the kernel read what changed. */
export async function informSystem(changed: ReadonlySet<Reader>, say: Log): Promise<void> {
  if (changed.has('systemd')) await run('systemctl', ['daemon-reload']);
  // Daemons keep their connection to the journal while it restarts: systemd holds it.
  if (changed.has('journal')) await run('systemctl', ['restart', 'systemd-journald']);
  if (changed.has('kernel')) {
    // Not allowed in a container, where the host's values hold.
    await run('sysctl', ['--quiet', '--load', '/etc/sysctl.d/60-convoke.conf']).catch(() =>
      say('kernel parameters could not all be set; going on with those of the system'),
    );
  }
}

/** Reloads or restarts the daemons that run and whose files changed. Those that do not run are left as they are. */
export async function informRunning(
  daemons: readonly Daemon[],
  changed: ReadonlySet<Reader>,
  say: Log,
): Promise<void> {
  for (const daemon of daemons) {
    if (!changed.has(daemon) || !(await succeeds('systemctl', ['is-active', '--quiet', daemon]))) continue;
    const verb = RELOADING.has(daemon) ? 'reload-or-restart' : 'restart';
    say(`${verb === 'restart' ? 'restarting' : 'reloading'} ${daemon}, whose configuration changed`);
    await run('systemctl', [verb, daemon]);
  }
}

/** Starts what does not run yet, now and at each boot. A unit whose start limit was reached gets a fresh try. */
export async function start(daemons: readonly Daemon[], units: readonly string[], say: Log): Promise<void> {
  await run('systemctl', ['enable', '--quiet', ...units, ...daemons]);
  await succeeds('systemctl', ['reset-failed', ...daemons]);
  say(`starting ${daemons.join(', ')}`);
  const watching = units.filter((unit) => /\.(path|timer)$/.test(unit));
  await run('systemctl', ['start', ...watching, ...daemons]);
}
