import { LOGIN_PATHS } from '../../contract/login.js';
import {
  EDGE_HEALTH_PATH,
  HAPROXY_STATS_SOCKET,
  NETWORK_HEADER,
  SHARD_HEALTH_PATH,
  STICK_TABLE_SYNCED_PATH,
  WEB_HEALTH_PATH,
} from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import { TENANT } from '../../contract/tenant.js';
import type { ShardFacts } from '../facts.js';
import { TOO_LONG_FILE, UNREADABLE_FILE } from './error-pages.js';
import { type MachineFile, NOTICE } from './file.js';
import { onlyShard, type Shard, shards } from './shards.js';
import { MOST_RELAYS } from './turn-credentials.js';

/**
 * Longest path and query, in bytes: a token of 8 KB, the longest name of a room, encoded, and what the client adds. HAProxy
 * reads 15 KB of request line and headers; nginx and Prosody are set to take as much.
 */
const LONGEST_URL = 12 * 1024;

/** What belongs to a room, after its tenant. */
const SHARD_PATHS = '(?:http-bind|xmpp-websocket|conference-request/v1|config[.]js)';

/**
 * Rooms of one network that an edge adds to the stick table in ten minutes: more than a company opens at nine o'clock. With this,
 * one network needs longer than a day, after which rooms are forgotten anyway, to fill the table on two edges.
 */
const NEW_ROOMS = 600;

/** Open connections of the edge. Prosody, on its one core, is saturated before this limit. */
const CONNECTIONS = 8000;

/** Open connections for TURN: one per relay, and half as many without one. Without a limit they could use up the edge's. */
const TURN_CONNECTIONS = 1.5 * MOST_RELAYS;

/**
 * Open requests per network at one edge: a quarter of the edge's total. A WebSocket counts as one; a participant that
 * uses BOSH has two.
 */
const OPEN_REQUESTS = 2000;

/**
 * The edge. It routes what belongs to a room to the room's shard, and everything else to the local web server. With
 * one shard both are the same nginx; with more, each edge knows all shards and shares the table of rooms with the
 * other edges.
 */
export function haproxy(facts: ShardFacts): MachineFile {
  const all = shards(facts);
  return {
    path: '/etc/haproxy/haproxy.cfg',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
global
    # Requests are not logged: paths contain room names.
    log stderr format raw local0 notice
    # Each connection takes two file descriptors.
    maxconn ${CONNECTIONS + (facts.spec.turn ? TURN_CONNECTIONS : 0)}
    stats socket ${HAPROXY_STATS_SOCKET} mode 660 level user
    # A reload must not wait indefinitely for WebSockets of old meetings.
    hard-stop-after 1h
    localpeer ${facts.instance.instanceId}
    set-var proc.changed date(0,ms)

defaults
    mode http
    log global
    option dontlognull
    timeout connect 1s
    timeout check 2s
    timeout http-request 15s
    timeout client 75s
    # Longer than Prosody holds a BOSH request.
    timeout server 75s
    # Longer than the load balancer keeps an idle connection (1 h), so that it never sends into a closing one.
    timeout http-keep-alive 65m
    # WebSockets. Participants ping every few seconds; TCP detects dead ones.
    timeout tunnel 2h
    timeout client-fin 10s
    # After a reload, the old process answers once more on each connection, so that the load balancer never sends into
    # a closing one. It keeps its WebSockets but no longer checks shards: TCP keepalive does.
    option idle-close-on-response
    option srvtcpka
    srvtcpka-idle 5s
    srvtcpka-intvl 2s
    srvtcpka-cnt 3

${prometheus(facts)}frontend edge
    # The load balancer sends HTTP/1.1. HAProxy would also accept HTTP/2.
    bind :${PORTS.edge} proto h1
    maxconn ${CONNECTIONS}
    monitor-uri ${EDGE_HEALTH_PATH}
    # Unhealthy only if nothing can be served or forwarded from here. The state of the shard does not matter for the
    # edge.
    monitor fail if { nbsrv(web) lt 1 }
${failUntilStickTableSynced(facts)}    # Where people read it, an error is a page.
    errorfile 400 ${UNREADABLE_FILE}
    # nginx decodes a path and resolves it before it compares it, so the decoded path is compared here too. What nginx would
    # still change is refused, so that both always see the same path: empty, "." and ".." segments, control characters. So
    # are backslashes, which browsers read as slashes: a redirect to "/\\example.net" leads to another site.
    http-request return status 414 content-type 'text/html; charset=utf-8' file ${TOO_LONG_FILE} if { url,length gt ${LONGEST_URL} }
    http-request set-var(txn.path) path,url_dec
    http-request return status 400 default-errorfiles unless { var(txn.path) -m beg / }
    http-request return status 400 default-errorfiles if { var(txn.path) -m reg '//|/[.][.]?(/|$)|[[:cntrl:]]' } || { var(txn.path) -m sub \\\\ }
    # Machines ask these of each other's nginx directly.
    http-request return status 404 if { var(txn.path) -m beg /convoke/ }${exceptSignIn(facts)}

    # Below a tenant too. A first segment that nginx does not accept as a tenant is not one here either: nginx responds with 404.
    acl of_a_shard var(txn.path) -m reg '^/(?:${TENANT}/)?${SHARD_PATHS}$'
${ofGuests(facts)}    # HAProxy takes the first "room" and ends a parameter at ";" and "?" too. Prosody takes the last, ends it at "&" only, and decodes
    # names. The client sends none of this. "prefix" is the tenant, which nginx reads from the path.
    http-request return status 400 default-errorfiles if of_a_shard { query -m reg '[;?]|(^|&)room=.*&room=|(^|&)(prefix=|[^=&]*[%+])' }

    # A network is an IPv4 address, or a /64 of IPv6, since all addresses in it usually belong to one user. The load
    # balancer's X-Forwarded-For is left unchanged: its last entry is the participant.
    http-request set-var(txn.network) req.hdr_ip(X-Forwarded-For,-1),ipmask(32,64)
    # Without an address in it, the sender is the network: every request is counted.
    http-request set-var(txn.network) src,ipmask(32,64) unless { var(txn.network) -m found }
    # For the limits of nginx, Prosody and the agent. Replaces any value from the participant.
    http-request set-header ${NETWORK_HEADER} %[var(txn.network)]
    http-request track-sc0 var(txn.network) table networks
    http-request return status 429 if { sc0_conn_cur(networks) gt ${OPEN_REQUESTS} }
    # A body, or its first 16 KB, has to arrive within this time, or the answer is 408.
    http-request wait-for-body time 15s if METH_POST

    # A room is its name and its tenant, however they are written; its key has one length, so that none is cut off.
    # A name that cannot be decoded is taken as it is. Letters beyond ASCII come in lower case from the page. Clients before
    # March 2026 encode the name twice (jitsi/jitsi-meet PR 17108), so it is decoded twice: as a parameter, then as a path.
    acl of_a_tenant var(txn.path) -m reg '^/${TENANT}/${SHARD_PATHS}$'
    http-request set-var(txn.tenant) var(txn.path),field(2,/),lower,regsub([.],_,g) if of_a_tenant
    http-request set-var(txn.name) url_param(room)
    http-request set-var(txn.name) var(txn.name),url_dec(1)
    http-request set-var(txn.name) var(txn.name),url_dec(0)
    http-request set-var(txn.room) var(txn.name),lower,concat(@,txn.tenant),sha1 if { var(txn.name) -m len gt 0 }
    # Requests without a room always go to the same shard, by address.
    http-request set-var(txn.key) req.hdr(X-Forwarded-For,-1)
    http-request set-var(txn.key) var(txn.room) if { var(txn.room) -m found }

${limitNewRooms(facts)}${watchShards(facts, all)}    # After a reload, the old process learns of no more rooms and shards, and passes new requests to the new one.
    use_backend successor if { stopping }
    use_backend shards if of_a_shard
    default_backend web

# Open requests of each network, including WebSockets${onlyShard(facts) ? '' : ', and its requests for new rooms'}.
backend networks
    stick-table type ipv6 size 100k expire 10m store conn_cur${onlyShard(facts) ? '' : ',gpc0,gpc0_rate(10m)'}

# The process that replaced this one.
backend successor
    server edge 127.0.0.1:${PORTS.edge}

${shardsBackend(facts, all)}
${webBackend(facts, all)}${stickTableCheck(facts)}${turn(facts, all)}`,
    readBy: ['haproxy'],
  };
}

function shardsBackend(facts: ShardFacts, all: readonly Shard[]): string {
  if (onlyShard(facts)) {
    return `backend shards
    # No check: there is no other shard. Marking a busy one as down would disconnect everybody, and all would reconnect at once.
    server ${facts.instance.instanceId} 127.0.0.1:${PORTS.web}
`;
  }
  return `# Rooms and their shards. A new process gets the table from the old one, a new edge from the other edges.
peers shards
    bind ${facts.instance.privateAddress}:${PORTS.peers}
${all.map((shard) => `    server ${shard.name}${peerAddress(facts, shard)}\n`).join('')}
# Room → shard: hashed, so that all edges agree on a new room; stored, so that a room stays with its participants when
# a shard returns. A shard's part of the hash depends only on its id: no room moves because a machine was replaced or
# a shard currently has none.
backend shards
    balance hash var(txn.key)
    hash-type consistent
    stick-table type binary len 20 size 200k expire 24h peers shards
    # An edge that has just started has neither the table nor health check results yet. And edges learn at different
    # times, agents' states up to two seconds apart, that a shard joined, left, or takes no new rooms: meanwhile one
    # edge could send the first participant of a new room here, and another the second one there. So for three seconds
    # after a change, a room unknown to the edge waits two seconds. By then the edge has learned where another edge
    # sent it, or all edges have the same state.
    tcp-request inspect-delay 2s
    tcp-request content accept if { date(0,ms),sub(proc.changed) ge 3000 }
    tcp-request content accept if { var(txn.room),in_table(shards) }
    tcp-request content accept if WAIT_END
    stick match var(txn.room)
    # A room belongs to the shard that answered for it, except with an error.
    stick store-response var(txn.room) if { var(txn.stored) -m bool } { status lt 400 }
    # A failed connection is retried on the same shard until that counts as down: a lost packet must not send one
    # participant of a room elsewhere.
    retries 6
    option redispatch
    option httpchk GET ${SHARD_HEALTH_PATH}
    # Prosody takes seconds to respond when hundreds connect at once. A stopped Prosody refuses connections immediately,
    # and a dead machine accepts none, so this timeout delays only the detection of a daemon that hangs.
    timeout check 5s
    # WebSockets to a dead shard are closed immediately, so that participants reconnect immediately. A returning shard is checked
    # often, so that all edges detect it at nearly the same time.
    default-server check inter 1s fastinter 200ms downinter 200ms fall 3 rise 5 on-marked-down shutdown-sessions
    # Weights spread rooms evenly. The agent reports whether a shard takes new rooms; without its reply nothing
    # changes.
    default-server weight 100 agent-check agent-port ${PORTS.agentCheck} agent-inter 2s
${all.map((shard) => `    server ${shard.name} ${shard.address}:${PORTS.web} id ${shard.id}${shard.takesRooms ? '' : ' backup'}\n`).join('')}`;
}

/** TURN, after the load balancer has terminated TLS: to the local relay, or to another shard's if that is down. */
function turn(facts: ShardFacts, all: readonly Shard[]): string {
  if (!facts.spec.turn) return '';
  const others = onlyShard(facts) ? [] : all.filter(({ name }) => name !== facts.instance.instanceId);
  return `
frontend turn
    mode tcp
    bind :${PORTS.turn}
    maxconn ${TURN_CONNECTIONS}
    no option idle-close-on-response
    # The load balancer's health check only connects. Connections without data are not forwarded.
    tcp-request inspect-delay 10s
    tcp-request content accept if { req.len gt 0 }
    tcp-request content reject
    default_backend turn

backend turn
    mode tcp
    option redispatch 1
    default-server check inter 2s fall 2 rise 1
    server local 127.0.0.1:${PORTS.turnServer}
${others.map(({ name, address }) => `    server ${name} ${address}:${PORTS.turnServer} backup\n`).join('')}`;
}

/** Participants may request these. */
const exceptSignIn = ({ spec }: ShardFacts): string =>
  spec.access === 'hosts' ? ` !{ var(txn.path) -m str ${Object.values(LOGIN_PATHS).join(' ')} }` : '';

/** Only the room's shard knows whether the meeting has started. */
const ofGuests = ({ spec }: ShardFacts): string =>
  spec.access === 'hosts' ? `    acl of_a_shard var(txn.path) -m str ${LOGIN_PATHS.guest}\n` : '';

/**
 * A stranger's requests for names of rooms that nobody uses would fill the stick table, and drop other rooms from it. Requests
 * beyond the limit are served as well, on the shard that the hash of the room says.
 */
function limitNewRooms(facts: ShardFacts): string {
  if (onlyShard(facts)) return '';
  return `    # New rooms of a network that are stored.
    http-request sc-inc-gpc0(0) if { var(txn.room) -m found } !{ var(txn.room),in_table(shards) }
    http-request set-var(txn.stored) bool(true) if { var(txn.room),in_table(shards) } || { sc0_gpc0_rate(networks) le ${NEW_ROOMS} }

`;
}

/**
 * Records when this edge last saw a change of the shards' state. Every request checks, including requests for the
 * page.
 */
function watchShards(facts: ShardFacts, all: readonly Shard[]): string {
  if (onlyShard(facts)) return '';
  const states = all.map(({ name }) => `%[srv_is_up(shards/${name})]:%[srv_weight(shards/${name})]`);
  return `    # How many shards are usable, which ones are up, and their weights.
    http-request set-var-fmt(txn.shards) "%[nbsrv(shards)] ${states.join(' ')}"
    http-request set-var(proc.changed) date(0,ms) if { var(proc.shards) -m found } !{ var(txn.shards),strcmp(proc.shards) eq 0 }
    http-request set-var(proc.shards) var(txn.shards)

`;
}

/**
 * A new edge must receive the stick table first. A file indicates that, which the local nginx serves; while that
 * nginx is down, the check is skipped.
 */
function failUntilStickTableSynced(facts: ShardFacts): string {
  if (onlyShard(facts)) return '';
  return `    # A new edge does not have the stick table yet.
    monitor fail if { srv_is_up(web/local) } { nbsrv(stick_table) lt 1 }
`;
}

function stickTableCheck(facts: ShardFacts): string {
  if (onlyShard(facts)) return '';
  return `
# Whether this edge has received the stick table from the others.
backend stick_table
    option httpchk GET ${STICK_TABLE_SYNCED_PATH}
    server local 127.0.0.1:${PORTS.web} check inter 500ms fall 1 rise 1
`;
}

/** The local entry has no address: `bind` sets it. */
const peerAddress = (facts: ShardFacts, { name, address }: Shard): string =>
  name === facts.instance.instanceId ? '' : ` ${address}:${PORTS.peers}`;

function webBackend(facts: ShardFacts, all: readonly Shard[]): string {
  const others = onlyShard(facts) ? [] : all.filter(({ name }) => name !== facts.instance.instanceId);
  return `# Pages, scripts, images: the same on every shard.
backend web
    option redispatch 1
    option httpchk GET ${WEB_HEALTH_PATH}
    default-server check inter 1s fall 2 rise 1
    server local 127.0.0.1:${PORTS.web}
${others.map(({ name, address }) => `    server ${name} ${address}:${PORTS.web} backup\n`).join('')}`;
}

/** HAProxy's own exporter, which the agent asks. */
const prometheus = ({ spec }: ShardFacts): string =>
  spec.prometheus
    ? `frontend metrics
    bind 127.0.0.1:${PORTS.edgeMetrics}
    http-request use-service prometheus-exporter if { path /metrics }
    http-request deny

`
    : '';
