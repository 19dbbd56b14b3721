import { hasBridge } from '../../contract/machine-spec.js';
import type { Facts } from '../facts.js';
import { convokeUnits, LOGS } from './convoke-units.js';
import { type Daemon, type MachineFile, NOTICE } from './file.js';
import { JICOFO_CONFIG } from './jicofo.js';
import { bridgeHeap, jicofoHeap, memoryMax } from './memory.js';
import { NGINX_PID } from './nginx.js';
import { systemd as quoted } from './quoting.js';
import { recorderUnits } from './recorder-units.js';
import { jicofoLoggingFile } from './recording.js';
import { sandbox } from './sandbox.js';
import { VIDEOBRIDGE_CONFIG } from './videobridge.js';

const UNITS = '/etc/systemd/system';

/**
 * A daemon that exits is restarted, first after 2 s, later after up to 30 s. After eight starts within five minutes
 * systemd gives up: only then does the agent report the machine as beyond repair.
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
  if (hasBridge(spec)) {
    files.push(dropIn('jitsi-videobridge2', videobridge(facts)));
  }
  if (spec.role === 'bridge') return files;
  if (spec.role === 'recorder')
    return [
      ...files,
      ...recorderUnits(facts.instance.memory, { limits: LIMITS, restart: RESTART }).map(
        ({ name, text, daemon }) => unit(name, text, daemon),
      ),
    ];
  return [
    dropIn('prosody', prosody(facts)),
    dropIn('nginx', nginx(facts)),
    dropIn('haproxy', haproxy(facts)),
    unit('jicofo.service', jicofo(facts, jicofoLoggingFile(spec)), 'jicofo'),
    ...(spec.turn ? [dropIn('coturn', coturn(facts))] : []),
    ...files,
  ];
}

const memory = (daemon: Parameters<typeof memoryMax>[0], { spec, instance }: Facts): string =>
  `MemoryMax=${memoryMax(daemon, instance.memory, spec.role)}M`;

/** A drop-in for a unit of a Debian package: restarts, limits, and further `lines`. */
function debian(
  daemon: 'prosody' | 'nginx' | 'haproxy' | 'coturn',
  facts: Facts,
  lines: string,
  order = '',
): string {
  return `[Unit]
${order}${LIMITS}

[Service]
${RESTART}
LimitNOFILE=65000
${memory(daemon, facts)}
${lines}
`;
}

function prosody(facts: Facts): string {
  // Debian's unit runs it as its own user. It writes the daemons' accounts.
  return debian(
    'prosody',
    facts,
    `StateDirectory=prosody\nStateDirectoryMode=0750\n${sandbox({ umask: '0027' })}`,
  );
}

/** Debian's nginx starts as root to open ports below 1024; behind the edge it has no such port. */
function nginx(facts: Facts): string {
  const options = `-e stderr -g 'daemon on; master_process on;'`;
  return debian(
    'nginx',
    facts,
    `User=www-data
Group=www-data
# ${NGINX_PID}, and folders for buffers on disk.
RuntimeDirectory=nginx
StateDirectory=nginx
StateDirectoryMode=0700
PIDFile=${NGINX_PID}
ExecStartPre=
ExecStart=
ExecStart=/usr/sbin/nginx ${options}
ExecReload=
ExecReload=/usr/sbin/nginx ${options} -s reload
ExecStop=
ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile ${NGINX_PID}
${sandbox()}`,
  );
}

/** Debian's HAProxy starts as root and drops privileges; it only needs root for a port below 1024. */
function haproxy(facts: Facts): string {
  return debian(
    'haproxy',
    facts,
    `User=haproxy
Group=haproxy
RuntimeDirectory=haproxy
Environment=PIDFILE=/run/haproxy/haproxy.pid
Environment="EXTRAOPTS=-S /run/haproxy/master.sock"
# Debian's unit binds the journal's socket into the chroot that HAProxy would use as root.
BindReadOnlyPaths=
# HAProxy compiles its regular expressions to machine code.
${sandbox({ capabilities: ['CAP_NET_BIND_SERVICE'], ambient: true, generatesCode: true, setsLimits: true })}`,
  );
}

/** coturn keeps a database in its state directory, which is empty here. */
function coturn(facts: Facts): string {
  return debian(
    'coturn',
    facts,
    `StateDirectory=turn\n${sandbox()}`,
    'Requires=convoke-turn-peers.service\nAfter=convoke-turn-peers.service\n',
  );
}

/** Jicofo's package has only a SysV script. This unit replaces the one that systemd would generate from it. */
function jicofo(facts: Facts, logging: string | undefined): string {
  return `[Unit]
Description=Jitsi conference focus
After=network-online.target prosody.service
Wants=network-online.target
${LIMITS}

[Service]
Type=exec
User=jicofo
Group=jitsi
Environment=JICOFO_MAX_MEMORY=${jicofoHeap(facts.instance.memory)}m
Environment=${javaProperties('jicofo', JICOFO_CONFIG, logging)}
ExecStart=/usr/share/jicofo/jicofo.sh
${memory('jicofo', facts)}
${JAVA}

[Install]
WantedBy=multi-user.target
`;
}

/**
 * A drop-in for the package's unit: the heap, the journal instead of a log file, and the same limits as for other
 * daemons.
 */
function videobridge(facts: Facts): string {
  return `[Unit]
After=prosody.service
${LIMITS}

[Service]
Type=exec
EnvironmentFile=
Environment=VIDEOBRIDGE_MAX_MEMORY=${bridgeHeap(facts.instance.memory, facts.spec.role)}m
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
# Exit code of a JVM after SIGTERM.
SuccessExitStatus=143
TasksMax=65000
LimitNPROC=65000
LimitNOFILE=65000
# A JVM generates code, and lists network interfaces over netlink.
${sandbox({ generatesCode: true, families: ['AF_NETLINK'], writes: ['-/var/log/jitsi'] })}`;

function javaProperties(
  directory: string,
  config: string,
  logging = `/etc/jitsi/${directory}/logging.properties`,
): string {
  const properties = {
    'config.file': config,
    'net.java.sip.communicator.SC_HOME_DIR_LOCATION': '/etc/jitsi',
    'net.java.sip.communicator.SC_HOME_DIR_NAME': directory,
    'net.java.sip.communicator.SC_LOG_DIR_LOCATION': '/var/log/jitsi',
    'java.util.logging.config.file': logging,
  };
  const flags = [
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    // The packages' scripts have a JVM without memory write its heap to /tmp, and then go on.
    '-XX:-HeapDumpOnOutOfMemoryError',
    '-XX:+ExitOnOutOfMemoryError',
  ];
  return quoted(`JAVA_SYS_PROPS=${flags.join(' ')}`);
}

/** The unit that sends lines of the journal: written first, so that lines of provisioning are sent as well. */
export const logsUnit = (): MachineFile => unit(LOGS.name, LOGS.text);

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
