import type { DebianPackage } from '../deb.js';

const HOME = '/opt/jitsi/jibri';
const CONFIG = '/etc/jitsi/jibri';
const UNITS = '/etc/systemd/system';

/** A fake of `jibri`. The real package's units are in /etc, too. */
export function recorderPackage(daemon: string): DebianPackage {
  return {
    name: 'jibri',
    depends: ['nodejs', 'ffmpeg', 'icewm', 'chromium'],
    summary: 'fake of Jibri for rehearsals',
    files: [
      { path: `${HOME}/fake.cjs`, text: daemon },
      { path: `${HOME}/launch.sh`, mode: 0o755, text: LAUNCH },
      { path: `${CONFIG}/logging.properties`, text: '# Fake: it logs to its standard output.\n' },
      { path: `${CONFIG}/jibri.conf`, text: 'jibri { }\n' },
      { path: `${UNITS}/jibri.service`, text: unit('Jibri', `${HOME}/launch.sh`) },
      { path: `${UNITS}/jibri-xorg.service`, text: unit('the display of Jibri', '/usr/bin/Xorg :0') },
      { path: `${UNITS}/jibri-icewm.service`, text: ICEWM },
    ],
    conffiles: [`${CONFIG}/jibri.conf`, `${CONFIG}/logging.properties`],
    postinst: `getent group jitsi >/dev/null || groupadd jitsi
if ! getent passwd jibri >/dev/null; then
  useradd --system --create-home jibri
  usermod -a -G jibri,jitsi,audio,video jibri
fi
mkdir -p /var/log/jitsi/jibri
chgrp jitsi /var/log/jitsi/jibri
chmod g+w /var/log/jitsi/jibri
`,
  };
}

const LAUNCH = `#!/bin/bash
# Fake of launch.sh, with Node.js instead of Java.
export JAVA_SYS_PROPS='-Dconfig.file=${CONFIG}/jibri.conf'
exec node ${HOME}/fake.cjs
`;

const unit = (what: string, command: string): string => `[Unit]
Description=Fake of ${what}
After=network.target

[Service]
User=jibri
Group=jibri
ExecStart=${command}
Restart=always
RestartPreventExitStatus=255
Type=simple

[Install]
WantedBy=multi-user.target
`;

const ICEWM = `[Unit]
Description=Window manager of the fake of Jibri
Requires=jibri-xorg.service
After=jibri-xorg.service

[Service]
User=jibri
Group=jibri
Environment=DISPLAY=:0
ExecStart=/usr/bin/icewm-session
Restart=on-failure
RestartPreventExitStatus=255
Type=simple

[Install]
WantedBy=jibri.service
`;
