import type { DebianPackage } from '../deb.js';
import { daemonAccount, javaSystemProperties } from './accounts.js';

const HOME = '/usr/share/jitsi-videobridge';
const CONFIG = '/etc/jitsi/videobridge';

/** A fake of `jitsi-videobridge2`. */
export function bridgePackage(daemon: string, version: string): DebianPackage {
  return {
    name: 'jitsi-videobridge2',
    depends: ['nodejs', 'procps'],
    summary: 'fake of Videobridge for rehearsals',
    files: [
      { path: `${HOME}/fake.cjs`, text: daemon },
      {
        path: `${HOME}/jvb.sh`,
        mode: 0o755,
        text: `#!/bin/bash
# Fake of jvb.sh, with Node.js instead of Java.
export FAKE_VERSION='${version}'
exec node "$(dirname "$(readlink -f "$0")")/fake.cjs"
`,
      },
      { path: `${CONFIG}/logging.properties`, text: '# Fake: it logs to its standard output.\n' },
      { path: '/usr/lib/systemd/system/jitsi-videobridge2.service', text: UNIT },
    ],
    conffiles: [`${CONFIG}/logging.properties`],
    postinst: `${daemonAccount('jvb', HOME, CONFIG)}
if [ ! -f ${CONFIG}/config ]; then
  cat >${CONFIG}/config <<'CONFIG'
JAVA_SYS_PROPS="${javaSystemProperties(`${CONFIG}/jvb.conf`, 'videobridge')}"
CONFIG
fi
[ -f ${CONFIG}/jvb.conf ] || echo 'videobridge { }' >${CONFIG}/jvb.conf
chown -R jvb:jitsi ${CONFIG}
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
deb-systemd-helper enable jitsi-videobridge2.service >/dev/null || true
if [ -d /run/systemd/system ]; then
  deb-systemd-invoke restart jitsi-videobridge2.service >/dev/null || true
fi
`,
    prerm: `if [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop jitsi-videobridge2.service >/dev/null || true
fi
`,
  };
}

const UNIT = `[Unit]
Description=Fake of Jitsi Videobridge
After=network-online.target
Wants=network-online.target

[Service]
SuccessExitStatus=143
RestartPreventExitStatus=78
EnvironmentFile=${CONFIG}/config
User=jvb
RuntimeDirectory=jitsi-videobridge
RuntimeDirectoryMode=0750
TasksMax=65000
ExecStart=${HOME}/jvb.sh
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
`;
