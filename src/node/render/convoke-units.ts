import { basename, dirname } from 'node:path';
import {
  AGENT_STATE,
  AGENT_USER,
  CHANGED_FLAG,
  HAPROXY_STATS_SOCKET,
  METADATA_ACCESS,
  STICK_TABLE_SYNCED_FILE,
  WAITING_UPDATES,
} from '../../contract/machine-layout.js';
import { isSingleMachine, type MachineSpec } from '../../contract/machine-spec.js';
import type { Daemon } from './file.js';
import { sandbox } from './sandbox.js';
import { TURN_PEERS } from './turn.js';

/** Where user data puts the bundle. */
const BUNDLE = '/opt/convoke/convoke-node.mjs';

export interface Unit {
  readonly name: string;
  readonly text: string;
  /** Who is restarted when it changes. */
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
    ...(learnsOfMembers(spec)
      ? [
          { name: 'convoke-cluster-members.path', text: NEIGHBOURS_PATH },
          { name: 'convoke-cluster-members.service', text: NEIGHBOURS },
          { name: 'convoke-stick-table-sync.service', text: EDGE_ROOMS },
        ]
      : []),
    ...(spec.role === 'shard' && spec.turn
      ? [{ name: 'convoke-turn-peers.service', text: TURN_PEERS_UNIT, daemon: 'convoke-turn-peers' } as const]
      : []),
    { name: 'convoke-updates.timer', text: UPDATES_TIMER },
    { name: 'convoke-updates.service', text: UPDATES },
    { name: 'convoke-agent.service', text: agent(spec), daemon: 'convoke-agent' },
  ];
}

/** Those of them that systemd starts at boot, besides the daemons. */
export function enabledUnits(spec: MachineSpec): string[] {
  return [
    'convoke-render.service',
    'convoke-updates.timer',
    ...(learnsOfMembers(spec) ? ['convoke-cluster-members.path', 'convoke-stick-table-sync.service'] : []),
  ];
}

/** Whether a file here depends on who else there is. A bridge's do not: it is told of its shards while it runs. */
const learnsOfMembers = (spec: MachineSpec): boolean => spec.role === 'shard' && !isSingleMachine(spec);

/**
 * The sandbox of units that write configuration: Node.js generates code; files get the owners of the daemons that read
 * them, and the agent's flag is removed from a folder that belongs to the agent.
 */
const WRITES_CONFIGURATION = sandbox({
  generatesCode: true,
  changesOwners: true,
  capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER'],
  writes: ['/etc', '/usr/local/share', '/var/lib/prosody', AGENT_STATE].map((folder) => `-${folder}`),
});

/** A stop and start gives a machine new addresses: files are rendered again before any daemon reads them. */
const RENDER = `[Unit]
Description=convoke: configuration for the addresses of this boot
After=network-online.target
Wants=network-online.target
Before=prosody.service jicofo.service jitsi-videobridge2.service nginx.service haproxy.service convoke-turn-peers.service coturn.service convoke-agent.service

[Service]
Type=oneshot
ExecStart=/usr/bin/node ${BUNDLE} render
# The daemons start all the same, with the configuration of the boot before.
TimeoutStartSec=60
${WRITES_CONFIGURATION}

[Install]
WantedBy=multi-user.target
`;

/** The flag is looked for again whenever the service has ended, so that no change between two looks is lost. */
const NEIGHBOURS_PATH = `[Unit]
Description=convoke: notices that other machines came or went

[Path]
PathExists=${CHANGED_FLAG}

[Install]
WantedBy=multi-user.target
`;

/** The agent finds the others, but may not write to /etc: root does, from what the agent saved. */
const NEIGHBOURS = `[Unit]
Description=convoke: the edge learns of other machines
After=convoke-render.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/node ${BUNDLE} render-edge
TimeoutStartSec=60
Restart=on-failure
RestartSec=5
${WRITES_CONFIGURATION}
`;

/** Anew whenever HAProxy starts, not when it reloads: then it hears what it has to know from the process that it relieves. */
const EDGE_ROOMS = `[Unit]
Description=convoke: the edge hears which room is where
After=haproxy.service
PartOf=haproxy.service

[Service]
Type=oneshot
RemainAfterExit=yes
User=${AGENT_USER}
# To ask HAProxy.
SupplementaryGroups=haproxy
# ${STICK_TABLE_SYNCED_FILE}
RuntimeDirectory=${basename(dirname(STICK_TABLE_SYNCED_FILE))}
ExecStart=/usr/bin/node ${BUNDLE} stick-table-sync
# An edge that did not hear everything serves nobody yet, and asks again only when it is started again. Not at once: systemd
# gives up what starts five times in ten seconds.
ExecStopPost=+/bin/sh -c 'test "$SERVICE_RESULT" = success || { sleep 3; systemctl --no-block try-restart haproxy.service; }'
TimeoutStartSec=60
Restart=on-failure
RestartSec=1
# Node.js generates code; nginx reads the file.
${sandbox({ generatesCode: true, umask: '0022' })}

[Install]
WantedBy=haproxy.service
`;

/** The sandbox of units that load rules of nftables, which is done over netlink. */
const LOADS_RULES = sandbox({ capabilities: ['CAP_NET_ADMIN'], families: ['AF_NETLINK'] });

/** Daemons that serve participants or bridges. They run with the rules for the metadata service or not at all. */
const RESTRICTED = ['prosody', 'jicofo', 'jitsi-videobridge2', 'nginx', 'haproxy', 'coturn']
  .map((daemon) => `${daemon}.service`)
  .join(' ');

/**
 * Before the network is up at each boot; after Debian's own rules, which begin by removing all others. The agent starts
 * without it, to report that it failed.
 */
const METADATA_ACCESS_UNIT = `[Unit]
Description=convoke: who may ask the instance metadata service
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

const UPDATES_TIMER = `[Unit]
Description=convoke: every hour, how many security updates wait

[Timer]
OnActiveSec=5min
OnUnitActiveSec=1h
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
`;

const UPDATES = `[Unit]
Description=convoke: counts the security updates that wait

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

/** coturn runs with these rules or not at all. New ones take the place of the old ones in one step. */
const TURN_PEERS_UNIT = `[Unit]
Description=convoke: whom the relay for media may send to
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

function agent(spec: MachineSpec): string {
  return `[Unit]
Description=convoke agent: health and metrics of this machine
After=network-online.target
Wants=network-online.target
# Never given up: without it nobody would hear that something else was.
StartLimitIntervalSec=0

[Service]
Type=exec
User=${AGENT_USER}
${spec.role === 'shard' ? `# To read HAProxy's metrics from ${HAPROXY_STATS_SOCKET}.\nSupplementaryGroups=haproxy\n` : ''}ExecStart=/usr/bin/node --max-old-space-size=64 ${BUNDLE} agent
Restart=always
# Nobody new gets into a meeting without it.
RestartSec=1
# ${AGENT_STATE}
StateDirectory=convoke-agent
StateDirectoryMode=0750
MemoryMax=192M
# Node.js generates code.
${sandbox({ generatesCode: true })}

[Install]
WantedBy=multi-user.target
`;
}
