import { basename, dirname } from 'node:path';
import {
  AGENT_STATE,
  AGENT_USER,
  BUNDLE,
  HAPROXY_STATS_SOCKET,
  LOGS_CURSOR,
  METADATA_ACCESS,
  RECORDINGS_FOLDER,
  RESTART_JICOFO_FLAG,
  START_RECORDER_FLAG,
  WAITING_UPDATES,
} from '../../contract/machine-layout.js';
import { isSingleMachine, type MachineSpec } from '../../contract/machine-spec.js';
import type { Daemon } from './file.js';
import { MEMBERS_PATH, MEMBERS_SERVICE, pathUnit, RENDER, STICK_TABLE_SYNC } from './rendering-units.js';
import { sandbox } from './sandbox.js';
import { TURN_PEERS } from './turn.js';

export interface Unit {
  readonly name: string;
  readonly text: string;
  /** The daemon to restart when the unit changes. */
  readonly daemon?: Daemon;
}

/** convoke's own units on a machine. */
export function convokeUnits(spec: MachineSpec): Unit[] {
  return [
    {
      name: 'convoke-metadata-access.service',
      text: METADATA_ACCESS_UNIT,
      daemon: 'convoke-metadata-access',
    },
    { name: 'convoke-render.service', text: RENDER },
    ...(dependsOnMembers(spec)
      ? [
          { name: 'convoke-cluster-members.path', text: MEMBERS_PATH },
          { name: 'convoke-cluster-members.service', text: MEMBERS_SERVICE },
        ]
      : []),
    ...(isEdge(spec) ? [{ name: 'convoke-stick-table-sync.service', text: STICK_TABLE_SYNC }] : []),
    ...(spec.role === 'recorder'
      ? [
          { name: 'convoke-start-recorder.path', text: START_RECORDER_PATH },
          { name: 'convoke-start-recorder.service', text: START_RECORDER },
        ]
      : []),
    ...(spec.role === 'shard'
      ? [
          { name: 'convoke-restart-jicofo.path', text: RESTART_JICOFO_PATH },
          { name: 'convoke-restart-jicofo.service', text: RESTART_JICOFO },
        ]
      : []),
    ...(spec.role === 'shard' && spec.turn
      ? [{ name: 'convoke-turn-peers.service', text: TURN_PEERS_UNIT, daemon: 'convoke-turn-peers' } as const]
      : []),
    LOGS,
    { name: 'convoke-updates.timer', text: UPDATES_TIMER },
    { name: 'convoke-updates.service', text: UPDATES },
    { name: 'convoke-agent.service', text: agent(spec), daemon: 'convoke-agent' },
  ];
}

/** The units that systemd starts at boot, besides the daemons. */
export function enabledUnits(spec: MachineSpec): string[] {
  return [
    'convoke-render.service',
    'convoke-updates.timer',
    LOGS.name,
    ...(spec.role === 'shard' ? ['convoke-restart-jicofo.path'] : []),
    ...(spec.role === 'recorder' ? ['convoke-start-recorder.path'] : []),
    ...(dependsOnMembers(spec) ? ['convoke-cluster-members.path'] : []),
    ...(isEdge(spec) ? ['convoke-stick-table-sync.service'] : []),
  ];
}

/**
 * Whether a file depends on which other machines exist. A bridge's do not: its agent logs it in at shards at run
 * time.
 */
const dependsOnMembers = (spec: MachineSpec): boolean => isEdge(spec) || spec.role === 'recorder';

/** Whether the machine's HAProxy forwards to other shards. */
const isEdge = (spec: MachineSpec): boolean => spec.role === 'shard' && !isSingleMachine(spec);

const RESTART_JICOFO_PATH = pathUnit('watch for a request to restart Jicofo', RESTART_JICOFO_FLAG);

/** A Jicofo that an operator stopped stays stopped. */
const RESTART_JICOFO = `[Unit]
Description=convoke: restart Jicofo, which does not see the bridges

[Service]
Type=oneshot
ExecStart=/usr/bin/rm --force ${RESTART_JICOFO_FLAG}
ExecStart=/usr/bin/systemctl --no-block try-restart jicofo.service
TimeoutStartSec=60
# The flag is removed from the agent's folder.
${sandbox({ capabilities: ['CAP_DAC_OVERRIDE'], writes: [`-${AGENT_STATE}`] })}
`;

const START_RECORDER_PATH = pathUnit('watch for a request to start Jibri', START_RECORDER_FLAG);

/** Jibri ends by itself when it is asked to accept no more recordings, or to be started afresh. */
const START_RECORDER = `[Unit]
Description=convoke: start Jibri again

[Service]
Type=oneshot
ExecStart=/usr/bin/rm --force ${START_RECORDER_FLAG}
ExecStart=/usr/bin/systemctl --no-block start jibri.service
TimeoutStartSec=60
# The flag is removed from the agent's folder.
${sandbox({ capabilities: ['CAP_DAC_OVERRIDE'], writes: [`-${AGENT_STATE}`] })}
`;

/** The sandbox of units that load nftables rules, over netlink. */
const LOADS_RULES = sandbox({ capabilities: ['CAP_NET_ADMIN'], families: ['AF_NETLINK'] });

/** Daemons that serve participants or bridges. They do not run without the rules for the metadata service. */
const RESTRICTED = ['prosody', 'jicofo', 'jitsi-videobridge2', 'nginx', 'haproxy', 'coturn', 'jibri']
  .map((daemon) => `${daemon}.service`)
  .join(' ');

/**
 * Started at each boot before the network is up, and after Debian's own rules, which start by removing all others.
 * The agent also starts without it, to report the failure.
 */
const METADATA_ACCESS_UNIT = `[Unit]
Description=convoke: restrict access to the instance metadata service
DefaultDependencies=no
RequiresMountsFor=/etc /usr
Wants=network-pre.target
Before=network-pre.target shutdown.target ${RESTRICTED}
After=nftables.service
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft --file ${METADATA_ACCESS}
ExecReload=/usr/sbin/nft --file ${METADATA_ACCESS}
${LOADS_RULES}

[Install]
WantedBy=sysinit.target
RequiredBy=${RESTRICTED}
`;

/**
 * Started before everything else, so that `convoke logs` shows why provisioning failed. Its limits keep a daemon that
 * floods the journal from taking more than a fifth of a processor here: 200 MB take it 4 s. Measured: 87 MB resident.
 */
export const LOGS: Unit = {
  name: 'convoke-logs.service',
  text: `[Unit]
Description=convoke: send lines of the journal to the deployment's log group
After=network-online.target
Wants=network-online.target
# Stopped after them, to send their last lines.
Before=${RESTRICTED} convoke-agent.service
StartLimitIntervalSec=0

[Service]
Type=exec
User=${AGENT_USER}
SupplementaryGroups=systemd-journal
ExecStart=/usr/bin/node --max-old-space-size=48 ${BUNDLE} ship-logs
Restart=always
RestartSec=5
# journalctl is ended after the last lines.
KillMode=mixed
TimeoutStopSec=10
# ${LOGS_CURSOR}
StateDirectory=${basename(dirname(LOGS_CURSOR))}
StateDirectoryMode=0750
MemoryMax=160M
CPUQuota=20%
Nice=10
# Node.js generates code.
${sandbox({ generatesCode: true })}

[Install]
WantedBy=multi-user.target
`,
};

const UPDATES_TIMER = `[Unit]
Description=convoke: count pending security updates every hour

[Timer]
OnActiveSec=5min
OnUnitActiveSec=1h
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
`;

const UPDATES = `[Unit]
Description=convoke: count pending security updates

[Service]
Type=oneshot
User=${AGENT_USER}
# ${WAITING_UPDATES}
RuntimeDirectory=${basename(dirname(WAITING_UPDATES))}
RuntimeDirectoryPreserve=yes
ExecStart=/usr/bin/node ${BUNDLE} count-updates
Nice=19
IOSchedulingClass=idle
TimeoutStartSec=10min
# Node.js generates code; the agent reads the file.
${sandbox({ generatesCode: true, umask: '0022' })}
`;

/** coturn does not run without these rules. New ones replace the old ones atomically. */
const TURN_PEERS_UNIT = `[Unit]
Description=convoke: restrict where the TURN relay may send
Before=coturn.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft --file ${TURN_PEERS}
ExecReload=/usr/sbin/nft --file ${TURN_PEERS}
${LOADS_RULES}

[Install]
WantedBy=multi-user.target
`;

/** Groups of the agent beside its own, with the reason. */
const AGENT_GROUPS: Readonly<Record<MachineSpec['role'], string>> = {
  shard: `# To read HAProxy's metrics from ${HAPROXY_STATS_SOCKET}.\nSupplementaryGroups=haproxy\n`,
  bridge: '',
  recorder: `# To read recordings, and remove those that are uploaded.\nSupplementaryGroups=jibri\n`,
};

function agent(spec: MachineSpec): string {
  return `[Unit]
Description=convoke agent: health and metrics of this machine
After=network-online.target
Wants=network-online.target
# No start limit: the agent is what reports failures of other units.
StartLimitIntervalSec=0

[Service]
Type=exec
User=${AGENT_USER}
${AGENT_GROUPS[spec.role]}ExecStart=/usr/bin/node --max-old-space-size=64 ${BUNDLE} agent
Restart=always
# No conference can be opened without the agent.
RestartSec=1
# ${AGENT_STATE}
StateDirectory=convoke-agent
StateDirectoryMode=0750
MemoryMax=${spec.role === 'recorder' ? 320 : 192}M
# Node.js generates code.
${sandbox({ generatesCode: true, ...(spec.role === 'recorder' && { writes: [`-${RECORDINGS_FOLDER}`] }) })}

[Install]
WantedBy=multi-user.target
`;
}
