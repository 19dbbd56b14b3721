import { basename, dirname } from 'node:path';
import {
  AGENT_STATE,
  AGENT_USER,
  BUNDLE,
  CHANGED_FLAG,
  STICK_TABLE_SYNCED_FILE,
} from '../../contract/machine-layout.js';
import { sandbox } from './sandbox.js';

/** Units that render configuration again, at boot and when machines join or leave, and the one that waits for the table of rooms. */

/**
 * The sandbox of units that write configuration: Node.js generates code, files are given to the daemons that read
 * them, and the flag is removed from the agent's folder.
 */
const WRITES_CONFIGURATION = sandbox({
  generatesCode: true,
  changesOwners: true,
  capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER'],
  writes: ['/etc', '/usr/local/share', '/var/lib/prosody', AGENT_STATE].map((folder) => `-${folder}`),
});

/** A stop and start changes a machine's addresses: files are rendered again before any daemon reads them. */
export const RENDER = `[Unit]
Description=convoke: render configuration for this boot's addresses
After=network-online.target
Wants=network-online.target
Before=prosody.service jicofo.service jitsi-videobridge2.service nginx.service haproxy.service convoke-turn-peers.service coturn.service jibri.service convoke-agent.service

[Service]
Type=oneshot
ExecStart=/usr/bin/node ${BUNDLE} render
# After a timeout the daemons start anyway, with the previous configuration.
TimeoutStartSec=60
${WRITES_CONFIGURATION}

[Install]
WantedBy=multi-user.target
`;

export const MEMBERS_PATH = pathUnit('watch for changes of the other machines', CHANGED_FLAG);

/** The agent lists the other machines but may not write to /etc: root renders configuration from the saved list. */
export const MEMBERS_SERVICE = `[Unit]
Description=convoke: update configuration for the other machines
After=convoke-render.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/node ${BUNDLE} render-members
TimeoutStartSec=60
Restart=on-failure
RestartSec=5
${WRITES_CONFIGURATION}
`;

/** Started with each start of HAProxy, not with a reload: then the old process passes on its table. */
export const STICK_TABLE_SYNC = `[Unit]
Description=convoke: wait for the edge's stick table
After=haproxy.service
PartOf=haproxy.service

[Service]
Type=oneshot
RemainAfterExit=yes
User=${AGENT_USER}
# For HAProxy's socket.
SupplementaryGroups=haproxy
# ${STICK_TABLE_SYNCED_FILE}
RuntimeDirectory=${basename(dirname(STICK_TABLE_SYNCED_FILE))}
ExecStart=/usr/bin/node ${BUNDLE} stick-table-sync
# An edge without the full table does not serve yet, and requests it again only after a restart. Delayed, because
# systemd gives up on a unit that starts five times in ten seconds.
ExecStopPost=+/bin/sh -c 'test "$SERVICE_RESULT" = success || { sleep 3; systemctl --no-block try-restart haproxy.service; }'
TimeoutStartSec=60
Restart=on-failure
RestartSec=1
# Node.js generates code; nginx reads the file.
${sandbox({ generatesCode: true, umask: '0022' })}

[Install]
WantedBy=haproxy.service
`;

/** Starts the service of the same name while a flag exists. It is checked again when the service ends, so none is lost. */
export function pathUnit(description: string, flag: string): string {
  return `[Unit]
Description=convoke: ${description}

[Path]
PathExists=${flag}

[Install]
WantedBy=multi-user.target
`;
}
