import { basename } from 'node:path';
import { RECORDINGS_FOLDER } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { Unit } from './convoke-units.js';
import { SCREEN, SINK } from './jibri.js';
import { sandbox } from './sandbox.js';

const AUDIO_SOCKET = '/run/convoke-recorder-audio/native';

/** Heap of Jibri in MiB. The browser and FFmpeg are processes of their own. */
const HEAP = 512;
/** MiB that stay for the system and the agent. */
const REST = 900;

/**
 * The units of a recorder: a display, a window manager and a sound server without devices, and Jibri, whose browser uses
 * them. `memory`: of the machine, in MiB. `limits` and `restart`: as for other daemons.
 */
export function recorderUnits(
  memory: number,
  { limits, restart }: { readonly limits: string; readonly restart: string },
): Unit[] {
  return [
    {
      name: 'convoke-recorder-audio.service',
      text: audio(limits, restart),
      daemon: 'convoke-recorder-audio',
    },
    { name: 'jibri-xorg.service.d/convoke.conf', text: display(limits, restart), daemon: 'jibri-xorg' },
    { name: 'jibri-icewm.service.d/convoke.conf', text: windows(limits, restart), daemon: 'jibri-icewm' },
    { name: 'jibri.service.d/convoke.conf', text: jibri(memory, limits, restart), daemon: 'jibri' },
  ];
}

/** PulseAudio with one sink that plays nowhere, for the browser; FFmpeg records what it plays. */
const audio = (limits: string, restart: string): string => `[Unit]
Description=convoke: the recorder's sound
${limits}

[Service]
Type=exec
User=jibri
Group=jibri
RuntimeDirectory=convoke-recorder-audio
RuntimeDirectoryMode=0700
Environment=HOME=/run/convoke-recorder-audio PULSE_RUNTIME_PATH=/run/convoke-recorder-audio
ExecStart=/usr/bin/pulseaudio -n --daemonize=no --use-pid-file=no --disable-shm=yes --exit-idle-time=-1 --log-level=warning --load="module-null-sink sink_name=${SINK}" --load="module-native-protocol-unix socket=${AUDIO_SOCKET}"
MemoryMax=200M
${restart}
${sandbox({ setsUser: true })}

[Install]
WantedBy=multi-user.target
`;

/**
 * Xvfb in place of the package's Xorg with a dummy driver: it needs neither a console nor root, which a machine in EC2 gives
 * no ordinary user.
 */
const display = (limits: string, restart: string): string => `[Unit]
${limits}

[Service]
Type=exec
ExecStart=
ExecStart=/usr/bin/Xvfb :0 -screen 0 ${SCREEN.width}x${SCREEN.height}x${SCREEN.depth} -nocursor -noreset -nolisten tcp +extension RANDR +extension RENDER
# Others begin when it accepts connections.
ExecStartPost=/bin/sh -c 'until [ -S /tmp/.X11-unix/X0 ]; do sleep 0.1; done'
TimeoutStartSec=20
ExecReload=
KillMode=mixed
RestartPreventExitStatus=
MemoryMax=500M
# X11's socket is in /tmp, where the browser and FFmpeg look for it.
${restart}
# It sets its user before it runs another program.
${sandbox({ generatesCode: true, sharesTmp: true, setsUser: true })}
`;

const windows = (limits: string, restart: string): string => `[Unit]
${limits}

[Service]
Type=exec
RestartPreventExitStatus=
MemoryMax=200M
${restart}
${sandbox({ sharesTmp: true })}
`;

/** What is left of a sandbox beside the browser's own, which needs namespaces and the system calls that make them. */
const BROWSER = `NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=/tmp /home/jibri /var/log/jitsi/jibri
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM`;

/**
 * Jibri exits with 255 when it was asked to, once it records nothing: then it is not started again by itself. The browser has its
 * own sandbox, which needs namespaces and privileges that systemd's would take.
 */
const jibri = (memory: number, limits: string, restart: string): string => `[Unit]
Wants=convoke-recorder-audio.service
After=convoke-recorder-audio.service jibri-icewm.service
${limits}

[Service]
Type=exec
PermissionsStartOnly=no
Environment=DISPLAY=:0 PULSE_SERVER=unix:${AUDIO_SOCKET}
# Debian's driver of the browser: without a path, Selenium may look for one on the internet. It would log the address of the
# page, with a password.
Environment="JDK_JAVA_OPTIONS=-Xmx${HEAP}m -XX:+ExitOnOutOfMemoryError -Dwebdriver.chrome.driver=/usr/bin/chromedriver -Dwebdriver.chrome.logfile=/dev/null"
# ${RECORDINGS_FOLDER}, where the agent, of the same group, removes what is uploaded.
StateDirectory=${basename(RECORDINGS_FOLDER)}
StateDirectoryMode=0770
UMask=0007
ExecStartPre=
ExecStop=
ExecReload=
# With the changed file it starts again once it records nothing.
ExecReload=/usr/bin/curl --fail --silent --show-error --max-time 5 --request POST http://127.0.0.1:${PORTS.recorderControl}/jibri/api/internal/v1.0/notifyConfigChanged
KillMode=mixed
TimeoutStopSec=20
# 143: a JVM after SIGTERM.
SuccessExitStatus=143 255
RestartPreventExitStatus=255
MemoryMax=${Math.max(1024, memory - REST)}M
LimitNOFILE=65000
${restart}
${BROWSER}
`;
