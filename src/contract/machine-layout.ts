/**
 * The layout of a machine, shared by rendered configuration and the code that uses it: files, sockets, users, and the
 * HTTP paths and headers between daemons and the agent.
 */

export const HAPROXY_STATS_SOCKET = '/run/haproxy/convoke.sock';

/** nginx answers this itself: this shard's web server is up. */
export const WEB_HEALTH_PATH = '/convoke/health/web';

/** nginx answers this with 200 while Prosody and Jicofo both answer: the shard can hold meetings. */
export const SHARD_HEALTH_PATH = '/convoke/health/shard';

/** nginx answers this with 200 once the edge on this machine has synchronised its stick table. */
export const STICK_TABLE_SYNCED_PATH = '/convoke/health/stick-table';

/** Exists once the stick table is synchronised. Its folder belongs to the unit that writes it. */
export const STICK_TABLE_SYNCED_FILE = '/run/convoke-edge/stick-table-synced';

/**
 * The load balancer's health check. HAProxy answers it itself, with 200 while this machine can serve or forward
 * requests.
 */
export const EDGE_HEALTH_PATH = '/convoke/health/edge';

/** A static system user, because D-Bus refuses users without a passwd entry, and the agent calls systemd over D-Bus. */
export const AGENT_USER = 'convoke';

/** The agent's state directory: systemd creates it, and only the agent writes to it. */
export const AGENT_STATE = '/var/lib/convoke-agent';

/** Exists while the agent has found other cluster members than those in the edge's configuration. */
export const CHANGED_FLAG = `${AGENT_STATE}/cluster-members-changed`;

/** The agent creates it to have Jicofo restarted. */
export const RESTART_JICOFO_FLAG = `${AGENT_STATE}/restart-jicofo`;

/** The agent creates it to have Jibri started again. */
export const START_RECORDER_FLAG = `${AGENT_STATE}/start-recorder`;

/** Jibri writes recordings here, each in a folder of its own, and the agent uploads them. */
export const RECORDINGS_FOLDER = '/var/lib/convoke-recordings';

/** The cursor of the last line of the journal that was sent to the log group. Its folder belongs to the unit that writes it. */
export const LOGS_CURSOR = '/var/lib/convoke-logs/cursor';

/** nftables rules: which users may access the instance metadata service. */
export const METADATA_ACCESS = '/etc/convoke/metadata-access.nft';

export const PROSODY_CERTIFICATE = '/etc/prosody/certs/convoke.crt';

export const PROSODY_KEY = '/etc/prosody/certs/convoke.key';

/** The key of invitations, readable by root and the agent. */
export const TOKEN_KEY_FILE = '/etc/convoke/token-key';

/** The key of cookies with which hosts sign in, readable by root and the agent. */
export const SIGN_IN_KEY_FILE = '/etc/convoke/sign-in-key';

/** What recorders' browsers show at the page, readable by root and the agent. */
export const RECORDER_PASS_FILE = '/etc/convoke/recorder-pass';

/** Header in which the edge names a participant's network: the IPv4 address, or the first 64 bits of an IPv6 address. */
export const NETWORK_HEADER = 'X-Convoke-Network';

/** Prosody's HTTP path, on loopback, for whether a breakout room exists; see the module. */
export const BREAKOUT_ROOM_PATH = '/convoke/breakout-room';

/** Prosody's HTTP path, on loopback, for whether a host has started a meeting; see the module. */
export const STARTED_MEETING_PATH = '/convoke/started-meeting';

/** Prosody's HTTP path, on loopback, for the number of bridges in the brewery; see the module. */
export const BREWERY_PATH = '/convoke/brewery';

/** Where provisioning stores the logo, and its URL path. */
export const logoFile = (type: 'png' | 'svg'): string => `/etc/jitsi/meet/convoke-logo.${type}`;

export const logoPath = (type: 'png' | 'svg'): string => `/images/convoke-logo.${type}`;

export const BRIDGE_PASSWORD = '/etc/convoke/bridge-password';

/**
 * Number of pending security updates. A separate service writes it every hour, because apt needs more memory than the
 * agent's limit.
 */
export const WAITING_UPDATES = '/run/convoke-updates/waiting';

/** An operator creates it on a machine to drain it. A reboot removes it, which is the usual reason for a drain. */
export const DRAIN_FLAG = '/run/convoke/drain';

export const MACHINE_SPEC_FILE = '/etc/convoke/machine.json';

/** Where user data stores the bundle. */
export const BUNDLE = '/opt/convoke/convoke-node.mjs';
