import type { DebianPackage } from '../deb.js';
import { daemonAccount, javaSystemProperties } from './accounts.js';

const HOME = '/usr/share/jicofo';
const CONFIG = '/etc/jitsi/jicofo';

/** A fake of `jicofo`, which has a SysV script and no systemd unit. */
export function focusPackage(daemon: string, version: string): DebianPackage {
  return {
    name: 'jicofo',
    depends: ['nodejs'],
    summary: 'fake of Jicofo for rehearsals',
    files: [
      { path: `${HOME}/fake.cjs`, text: daemon },
      {
        path: `${HOME}/jicofo.sh`,
        mode: 0o755,
        text: `#!/bin/bash
# Fake of jicofo.sh, with Node.js instead of Java.
if [[ "$JAVA_SYS_PROPS" != *"-Dconfig.file="* ]]; then
  if [[ ! -f ${CONFIG}/jicofo.conf ]]; then
    echo 'No configuration: neither JAVA_SYS_PROPS names a file, nor is there ${CONFIG}/jicofo.conf' >&2
    exit 2
  fi
  export JAVA_SYS_PROPS="$JAVA_SYS_PROPS -Dconfig.file=${CONFIG}/jicofo.conf"
fi
export FAKE_VERSION='${version}'
exec node "$(dirname "$(readlink -f "$0")")/fake.cjs"
`,
      },
      { path: `${CONFIG}/logging.properties`, text: '# Fake: it logs to its standard output.\n' },
      { path: '/etc/init.d/jicofo', text: INIT, mode: 0o755 },
    ],
    conffiles: [`${CONFIG}/logging.properties`, '/etc/init.d/jicofo'],
    postinst: `${daemonAccount('jicofo', HOME, CONFIG)}
if [ ! -f ${CONFIG}/config ]; then
  cat >${CONFIG}/config <<'CONFIG'
JAVA_SYS_PROPS="${javaSystemProperties(`${CONFIG}/jicofo.conf`, 'jicofo')}"
CONFIG
fi
[ -f ${CONFIG}/jicofo.conf ] || echo 'jicofo { }' >${CONFIG}/jicofo.conf
chown -R jicofo:jitsi ${CONFIG}
update-rc.d jicofo defaults >/dev/null || true
invoke-rc.d jicofo start >/dev/null || true
`,
    prerm: 'invoke-rc.d jicofo stop >/dev/null || true\n',
  };
}

const INIT = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          jicofo
# Required-Start:    $local_fs $remote_fs
# Required-Stop:     $local_fs $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Fake of the Jitsi conference focus
### END INIT INFO

[ -f ${CONFIG}/config ] && . ${CONFIG}/config
export JAVA_SYS_PROPS
PIDFILE=/run/jicofo.pid
LOGFILE=/var/log/jitsi/jicofo.log

case "$1" in
  start)
    start-stop-daemon --start --quiet --oknodo --background --chuid jicofo --make-pidfile --pidfile $PIDFILE \\
      --exec /bin/bash -- -c "exec ${HOME}/jicofo.sh </dev/null >>$LOGFILE 2>&1"
    ;;
  stop)
    start-stop-daemon --stop --quiet --oknodo --retry 5 --remove-pidfile --pidfile $PIDFILE
    ;;
  restart|force-reload)
    "$0" stop
    "$0" start
    ;;
  status)
    start-stop-daemon --status --pidfile $PIDFILE
    ;;
  *)
    echo "Usage: $0 {start|stop|restart|force-reload|status}" >&2
    exit 1
    ;;
esac
`;
