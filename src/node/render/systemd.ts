import type { Facts } from '../facts.js';
import { convokeUnits } from './convoke-units.js';
import { type Daemon, type MachineFile, NOTICE } from './file.js';
import { JICOFO_CONFIG } from './jicofo.js';
import { bridgeHeap, JICOFO_HEAP, memoryMax } from './memory.js';
import { systemd as quoted } from './quoting.js';
import { VIDEOBRIDGE_CONFIG } from './videobridge.js';

const UNITS = '/etc/systemd/system';

/**
 * A daemon that ends is started again, at first after 2 s, later after up to 30 s. Eight starts within five minutes and
 * systemd gives up: only then does the agent call the machine beyond repair.
 */
const LIMITS = `StartLimitIntervalSec=300
StartLimitBurst=8`;
const RESTART = `Restart=always
RestartSec=2
RestartSteps=4
RestartMaxDelaySec=30`;

export function systemd(facts: Facts): MachineFile[] {
  const { spec } = facts;
  const files = convokeUnits(spec).map(({ name, text, daemon }) => unit(name, text, daemon));
  if (spec.role === 'bridge' || spec.bridgeOnBoard) {
    files.push(dropIn('jitsi-videobridge2', videobridge(facts)));
  }
  if (spec.role === 'bridge') return files;
  return [
    restarting('prosody', facts),
    restarting('nginx', facts),
    restarting('haproxy', facts),
    unit('jicofo.service', jicofo(facts), 'jicofo'),
    ...(spec.turn ? [dropIn('coturn', coturn(facts))] : []),
    ...files,
  ];
}

function restarting(daemon: 'prosody' | 'nginx' | 'haproxy', facts: Facts): MachineFile {
  return dropIn(
    daemon,
    `[Unit]\n${LIMITS}\n\n[Service]\n${RESTART}\nLimitNOFILE=65000\n${memory(daemon, facts)}\n`,
  );
}

const memory = (daemon: Parameters<typeof memoryMax>[0], { spec, surroundings }: Facts): string =>
  `MemoryMax=${memoryMax(daemon, surroundings.memory, spec.role)}M`;

function coturn(facts: Facts): string {
  return `[Unit]
Requires=convoke-turn-peers.service
After=convoke-turn-peers.service
${LIMITS}

[Service]
${RESTART}
LimitNOFILE=65000
${memory('coturn', facts)}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
CapabilityBoundingSet=
# Its database, which holds nothing here.
ReadWritePaths=/var/lib/turn
`;
}

/** Jicofo's package brings only a SysV script. This unit takes the place of what systemd would generate from it. */
function jicofo(facts: Facts): string {
  return `[Unit]
Description=Jitsi conference focus
After=network-online.target prosody.service
Wants=network-online.target
${LIMITS}

[Service]
Type=exec
User=jicofo
Group=jitsi
Environment=JICOFO_MAX_MEMORY=${JICOFO_HEAP}m
Environment=${javaProperties('jicofo', JICOFO_CONFIG)}
ExecStart=/usr/share/jicofo/jicofo.sh
${memory('jicofo', facts)}
${JAVA}

[Install]
WantedBy=multi-user.target
`;
}

/** Over the package's own unit: the heap, the journal in place of a log file, and the same limits as everywhere. */
function videobridge(facts: Facts): string {
  return `[Unit]
After=prosody.service
${LIMITS}

[Service]
Type=exec
EnvironmentFile=
Environment=VIDEOBRIDGE_MAX_MEMORY=${bridgeHeap(facts.surroundings.memory, facts.spec.role)}m
Environment=VIDEOBRIDGE_GC_TYPE=G1GC
Environment=${javaProperties('videobridge', VIDEOBRIDGE_CONFIG)}
ExecStart=
ExecStart=/usr/share/jitsi-videobridge/jvb.sh
ExecStartPost=
PIDFile=
${memory('jitsi-videobridge2', facts)}
${JAVA}
`;
}

const JAVA = `${RESTART}
# How a JVM ends when it is asked to.
SuccessExitStatus=143
TasksMax=65000
LimitNPROC=65000
LimitNOFILE=65000
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes`;

function javaProperties(directory: string, config: string): string {
  const properties = {
    'config.file': config,
    'net.java.sip.communicator.SC_HOME_DIR_LOCATION': '/etc/jitsi',
    'net.java.sip.communicator.SC_HOME_DIR_NAME': directory,
    'net.java.sip.communicator.SC_LOG_DIR_LOCATION': '/var/log/jitsi',
    'java.util.logging.config.file': `/etc/jitsi/${directory}/logging.properties`,
  };
  const flags = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  return quoted(`JAVA_SYS_PROPS=${flags.join(' ')}`);
}

function unit(name: string, body: string, daemon?: Daemon): MachineFile {
  return {
    path: `${UNITS}/${name}`,
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}\n${body}`,
    readBy: daemon ? ['systemd', daemon] : ['systemd'],
  };
}

function dropIn(daemon: Daemon, body: string): MachineFile {
  return unit(`${daemon}.service.d/convoke.conf`, body, daemon);
}
