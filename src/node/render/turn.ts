import { PORTS } from '../../contract/ports.js';
import type { ShardFacts } from '../facts.js';
import { type Daemon, type MachineFile, NOTICE } from './file.js';
import { onlyShard } from './shards.js';
import { MOST_RELAYS, RELAYS_OF_A_NAME } from './turn-credentials.js';
import { VPC_RANGES } from './vpc-ranges.js';

/** nftables rules: where coturn may send. */
export const TURN_PEERS = '/etc/convoke/turn-peers.nft';
/** coturn's user, by which the kernel recognises its packets. Debian's package creates it. */
const USER = 'turnserver';
/** A loopback address on which nothing listens. */
const BLACKHOLE = '127.255.255.254';
export const isOfTurn = (daemon: Daemon): boolean => daemon === 'coturn' || daemon === 'convoke-turn-peers';

/**
 * coturn's configuration. The load balancer terminates TLS, and HAProxy forwards to coturn. Its peers are restricted
 * twice: here to the addresses of a VPC, and in the kernel to the bridges. coturn reads its own list only at start,
 * which would end every relay whenever a bridge joins or leaves. And it answers an unknown peer with an error, after
 * which a browser never retries that peer; a packet that the kernel drops may get through a second later.
 */
export function turnFiles(facts: ShardFacts): MachineFile[] {
  if (!facts.spec.turn) return [];
  const { privateAddress } = facts.instance;
  // The edges of other shards forward here when their own relay is down.
  const listening = ['127.0.0.1', ...(onlyShard(facts) ? [] : [privateAddress])];
  return [
    {
      path: '/etc/turnserver.conf',
      mode: 0o640,
      owner: `root:${USER}`,
      text: `# ${NOTICE}
${listening.map((address) => `listening-ip=${address}\n`).join('')}listening-port=${PORTS.turnServer}
no-udp
no-tls
no-dtls
no-cli
no-rfc5780
no-stun-backward-compatibility
no-software-attribute

# Passwords that Prosody issued within the last day.
realm=${facts.spec.domain}
use-auth-secret
static-auth-secret=${facts.passwords.turn}
stale-nonce=600

# Relays send UDP from this machine's address in the VPC, to addresses of the VPC.
relay-ip=${privateAddress}
no-tcp-relay
no-multicast-peers
denied-peer-ip=0.0.0.0-255.255.255.255
denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
${VPC_RANGES.map(({ first, last }) => `allowed-peer-ip=${first}-${last}\n`).join('')}
# A relay that is not refreshed ends after ten minutes.
max-allocate-lifetime=600
total-quota=${MOST_RELAYS}
# Per name, which is the part after the colon in "time:name".
user-quota=${RELAYS_OF_A_NAME}

# Sessions are not logged: lines would contain participants' addresses.
log-file=stdout
simple-log
log-binding=0
`,
      readBy: ['coturn'],
    },
  ];
}

/**
 * The kernel lets coturn send to bridges' media port, and answer the edges. A co-located bridge has this machine's
 * address. The rules are replaced atomically.
 *
 * Other packets are redirected to loopback and dropped there: coturn ends a relay whose packet is refused on sending,
 * and with it the path to other bridges.
 */
export function turnPeers(facts: ShardFacts): MachineFile[] {
  const { spec, instance, members } = facts;
  if (!spec.turn) return [];
  const bridges = [
    ...(spec.colocatedBridge ? [instance.privateAddress] : []),
    ...members.filter(({ role }) => role === 'bridge').map(({ privateAddress }) => privateAddress),
  ];
  return [
    {
      path: TURN_PEERS,
      mode: 0o644,
      owner: 'root:root',
      text: `# ${NOTICE}
table inet convoke_turn
delete table inet convoke_turn
table inet convoke_turn {
    set bridges {
        type ipv4_addr
${bridges.length > 0 ? `        elements = { ${[...new Set(bridges)].sort().join(', ')} }\n` : ''}    }
    chain output {
        type route hook output priority mangle; policy accept;
        # Matched positively: packets without a socket, such as the end of a connection, have no user.
        meta skuid ${USER} goto relay
    }
    chain relay {
        tcp sport ${PORTS.turnServer} accept
        ip daddr @bridges udp dport ${PORTS.media} accept
        meta l4proto udp ip daddr set ${BLACKHOLE} accept
        drop
    }
    chain input {
        type filter hook input priority filter; policy accept;
        ip daddr ${BLACKHOLE} drop
    }
}
`,
      readBy: ['convoke-turn-peers'],
    },
  ];
}
