/**
 * Where things are on a machine, by what is rendered and what reads it at run time: files, sockets, users, and the HTTP
 * paths and headers that daemons and the agent use among themselves.
 */

export const HAPROXY_STATS_SOCKET = '/run/haproxy/convoke.sock';

/** nginx answers this itself: the web server of this shard is up. */
export const WEB_HEALTH_PATH = '/convoke/health/web';

/** nginx answers this with 200 while Prosody and Jicofo both answer: the shard can hold meetings. */
export const SHARD_HEALTH_PATH = '/convoke/health/shard';

/** nginx answers this with 200 once the edge on board knows which room is where. */
export const STICK_TABLE_SYNCED_PATH = '/convoke/health/edge-knows';

/** There once it does. The folder is made and removed with the unit that writes it. */
export const STICK_TABLE_SYNCED_FILE = '/run/convoke-edge/knows';

/** HAProxy answers this path itself: 200 while this machine can serve or forward (the load balancer's health check). */
export const EDGE_HEALTH_PATH = '/convoke/health/edge';

/** A system user with a name of its own: D-Bus refuses one that is in no passwd file, and then systemd cannot be asked. */
export const AGENT_USER = 'convoke';

/** The agent's own folder: systemd makes it, and the agent alone writes there. */
export const AGENT_STATE = '/var/lib/convoke-agent';

/** There while the agent has found others than the edge knows. */
export const CHANGED_FLAG = `${AGENT_STATE}/cluster-members-changed`;

/** Rules of nftables: who may send to the instance metadata service. */
export const METADATA_ACCESS = '/etc/convoke/metadata-access.nft';

export const PROSODY_CERTIFICATE = '/etc/prosody/certs/convoke.crt';

export const PROSODY_KEY = '/etc/prosody/certs/convoke.key';

/** The key of invitations, for root and the agent alone. */
export const TOKEN_KEY_FILE = '/etc/convoke/token-key';

/** Header in which the edge names a participant's network: the IPv4 address, or the first 64 bits of an IPv6 address. */
export const NETWORK_HEADER = 'X-Convoke-Network';

/** Where Prosody says on loopback whether a breakout room exists; see the module. */
export const BREAKOUT_ROOM_PATH = '/convoke/breakout-room';

/** Where provisioning puts the logo, and where the page finds it. */
export const logoFile = (type: 'png' | 'svg'): string => `/etc/jitsi/meet/convoke-logo.${type}`;

export const logoPath = (type: 'png' | 'svg'): string => `/images/convoke-logo.${type}`;

export const BRIDGE_PASSWORD = '/etc/convoke/bridge-password';

/** Says how many security updates wait. Written every hour by a service of its own; apt needs more memory than the agent has. */
export const WAITING_UPDATES = '/run/convoke-updates/waiting';

/** There while a person on the machine wants it empty. It does not outlive a reboot, which is what one mostly wants it for. */
export const DRAIN_FLAG = '/run/convoke/drain';

export const MACHINE_SPEC_FILE = '/etc/convoke/machine.json';
