import {
  EDGE_HEALTH_PATH,
  HAPROXY_STATS_SOCKET,
  NETWORK_HEADER,
  SHARD_HEALTH_PATH,
  STICK_TABLE_SYNCED_PATH,
  WEB_HEALTH_PATH,
} from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { onlyShard, type Shard, shards } from './shards.js';

/**
 * Requests of one network that an edge keeps open at once: a quarter of what it keeps open for all. A WebSocket is one, a
 * participant by BOSH has two.
 */
const OPEN_REQUESTS = 2000;

/**
 * The edge. It sends what belongs to a room to the room's shard, and everything else to the web server on board.
 * With one shard both are the same nginx; with more, each edge knows all shards and shares with the other edges which
 * room is where.
 */
export function haproxy(facts: ShardFacts): MachineFile {
  const all = shards(facts);
  return {
    path: '/etc/haproxy/haproxy.cfg',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
global
    # Requests are not logged: paths hold room names.
    log stderr format raw local0 notice
    # Each takes two file descriptors. Prosody, on its one core, is full before this is reached.
    maxconn 8000
    stats socket ${HAPROXY_STATS_SOCKET} mode 660 level user
    # A reload must not wait for WebSockets of a finished meeting.
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
    # Longer than the load balancer keeps an idle connection (1 h), so that it never sends into one that closes.
    timeout http-keep-alive 65m
    # WebSockets. Participants ping every few seconds; a dead one is noticed by TCP.
    timeout tunnel 2h
    timeout client-fin 10s
    # A process that was relieved by a reload answers what comes over its connections once more, so that the load
    # balancer never sends into one that closes; it holds its WebSockets, but checks no shard any more: TCP does.
    option idle-close-on-response
    option srvtcpka
    srvtcpka-idle 5s
    srvtcpka-intvl 2s
    srvtcpka-cnt 3

frontend edge
    bind :${PORTS.edge}
    monitor-uri ${EDGE_HEALTH_PATH}
    # Unhealthy only if nothing can be served or forwarded from here. What a shard lacks is not the edge's matter.
    monitor fail if { nbsrv(web) lt 1 }
${failWhileRoomsAreUnknown(facts)}    # nginx decodes a path and resolves it before it compares it, so the decoded path is compared here too. What nginx would
    # still change is refused, so that both always see the same path: empty, "." and ".." segments, control characters.
    http-request set-var(txn.path) path,url_dec
    http-request return status 400 unless { var(txn.path) -m beg / }
    http-request return status 400 if { var(txn.path) -m reg '//|/[.][.]?(/|$)|[[:cntrl:]]' }
    # Machines ask these of each other's nginx directly.
    http-request return status 404 if { var(txn.path) -m beg /convoke/ }

    acl of_a_shard var(txn.path) -m reg ^(/[^/]+)?/(http-bind|xmpp-websocket|conference-request/v1|config[.]js)$
    # HAProxy takes the first "room" and ends a parameter at ";" too. Prosody takes the last, ends it at "&" only, and decodes
    # names. The client sends none of this. "prefix" is the tenant, which nginx reads from the path.
    http-request return status 400 if of_a_shard { query -m reg ';|(^|&)room=.*&room=|(^|&)(prefix=|[^=&]*[%+])' }

    # A network is an IPv4 address, or 64 bits of an IPv6 address: whoever has one of those has all addresses in it. The load
    # balancer's X-Forwarded-For is left as it is: its last entry is the participant.
    http-request set-var(txn.network) req.hdr_ip(X-Forwarded-For,-1),ipmask(32,64)
    # Without an address in it, the sender is the network: no request goes uncounted.
    http-request set-var(txn.network) src,ipmask(32,64) unless { var(txn.network) -m found }
    # For the limits of nginx, Prosody and the agent. A value that a participant sends is replaced.
    http-request set-header ${NETWORK_HEADER} %[var(txn.network)]
    http-request track-sc0 var(txn.network) table networks
    http-request return status 429 if { sc0_conn_cur(networks) gt ${OPEN_REQUESTS} }
    # A body, or the first 16 KB of it, is here within this time or refused with 408.
    http-request wait-for-body time 15s if METH_POST

    # A room is its name and its tenant, however they are written; its key has one length, so that none is cut off.
    # A name that cannot be decoded is taken as it is. Letters beyond ASCII come in lower case from the page.
    acl of_a_tenant var(txn.path) -m reg ^/[^/]+/(http-bind|xmpp-websocket|conference-request/v1|config[.]js)$
    http-request set-var(txn.tenant) var(txn.path),field(2,/),lower,regsub([.],_,g) if of_a_tenant
    http-request set-var(txn.name) url_param(room)
    http-request set-var(txn.name) var(txn.name),url_dec(1)
    http-request set-var(txn.room) var(txn.name),lower,concat(@,txn.tenant),sha1 if { var(txn.name) -m len gt 0 }
    # Who names no room stays where they were.
    http-request set-var(txn.key) req.hdr(X-Forwarded-For,-1)
    http-request set-var(txn.key) var(txn.room) if { var(txn.room) -m found }

${watchShards(facts, all)}    # A relieved process hears of no room and of no shard any more, and hands on what it is asked.
    use_backend successor if { stopping }
    use_backend shards if of_a_shard
    default_backend web

# Requests of each network that are open, WebSockets among them.
backend networks
    stick-table type ipv6 size 100k expire 10m store conn_cur

# The process that relieved this one.
backend successor
    server edge 127.0.0.1:${PORTS.edge}

${shardsBackend(facts, all)}
${webBackend(facts, all)}${knowledge(facts)}${turn(facts, all)}`,
    readBy: ['haproxy'],
  };
}

function shardsBackend(facts: ShardFacts, all: readonly Shard[]): string {
  if (onlyShard(facts)) {
    return `backend shards
    option httpchk GET ${SHARD_HEALTH_PATH}
    server ${facts.instance.instanceId} 127.0.0.1:${PORTS.web} check inter 1s fastinter 500ms fall 2 rise 2
`;
  }
  return `# Which room is where. A new process learns it from the one that it relieves, a new edge from the others.
peers shards
    bind ${facts.instance.privateAddress}:${PORTS.peers}
${all.map((shard) => `    server ${shard.name}${peerAddress(facts, shard)}\n`).join('')}
# Room → shard: hashed, so that all edges agree on a room that they hear of for the first time; remembered, so that a
# room stays where its people are when a shard that was away returns. Which shard has which part of the hash depends on
# its id alone: no room moves because a machine was replaced, or because a shard has none for now.
backend shards
    balance hash var(txn.key)
    hash-type consistent
    stick-table type binary len 20 size 200k expire 24h peers shards
    # Who has just started has not heard yet which room is where, nor checked who is well. And edges learn at different
    # moments, the agents' word up to two seconds apart, that a shard came, left, or takes no rooms: meanwhile one would
    # send the first of a new room here, and another the second there. So for three seconds a room that an edge does not
    # know waits two, in which it hears where another edge has put it, or all come to know the same.
    tcp-request inspect-delay 2s
    tcp-request content accept if { date(0,ms),sub(proc.changed) ge 3000 }
    tcp-request content accept if { var(txn.room),in_table(shards) }
    tcp-request content accept if WAIT_END
    stick match var(txn.room)
    # A room is where an answer came from; an error of a shard that is dying binds nobody to it.
    stick store-response var(txn.room) if { status lt 500 }
    # A connection that fails is tried again on the same shard until that is known to be down: one lost packet must not
    # send one person of a room elsewhere.
    retries 6
    option redispatch
    option httpchk GET ${SHARD_HEALTH_PATH}
    # WebSockets to a dead shard end at once, so that people come back at once. Whether one that returns is well is asked
    # often, so that all edges find out at nearly the same time.
    default-server check inter 1s fastinter 200ms downinter 200ms fall 3 rise 5 on-marked-down shutdown-sessions
    # Weight: for an even spread. The agent says whether a shard takes new rooms; one that is silent changes nothing.
    default-server weight 100 agent-check agent-port ${PORTS.agentCheck} agent-inter 2s
${all.map((shard) => `    server ${shard.name} ${shard.address}:${PORTS.web} id ${shard.id}${shard.takesRooms ? '' : ' backup'}\n`).join('')}`;
}

/** TURN, ended of its TLS by the load balancer: to the relay on board, or where that is gone to another shard's. */
function turn(facts: ShardFacts, all: readonly Shard[]): string {
  if (!facts.spec.turn) return '';
  const others = onlyShard(facts) ? [] : all.filter(({ name }) => name !== facts.instance.instanceId);
  return `
frontend turn
    mode tcp
    bind :${PORTS.turn}
    no option idle-close-on-response
    # The load balancer looks only whether somebody listens. Who says nothing is not passed on.
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

/** Notes when what this edge thinks of the shards was last seen to change. Every request looks, the page's too. */
function watchShards(facts: ShardFacts, all: readonly Shard[]): string {
  if (onlyShard(facts)) return '';
  const states = all.map(({ name }) => `%[srv_is_up(shards/${name})]:%[srv_weight(shards/${name})]`);
  return `    # How many shards take rooms, which are up, and with what weight.
    http-request set-var-fmt(txn.shards) "%[nbsrv(shards)] ${states.join(' ')}"
    http-request set-var(proc.changed) date(0,ms) if { var(proc.shards) -m found } !{ var(txn.shards),strcmp(proc.shards) eq 0 }
    http-request set-var(proc.shards) var(txn.shards)

`;
}

/**
 * An edge that has just started has to hear first which room is where. That it has is told by a file, which the nginx on
 * board shows; where that nginx is down, nobody asks.
 */
function failWhileRoomsAreUnknown(facts: ShardFacts): string {
  if (onlyShard(facts)) return '';
  return `    # An edge that has just started does not know yet which room is where.
    monitor fail if { srv_is_up(web/local) } { nbsrv(knowledge) lt 1 }
`;
}

function knowledge(facts: ShardFacts): string {
  if (onlyShard(facts)) return '';
  return `
# Whether this edge has heard from the others which room is where.
backend knowledge
    option httpchk GET ${STICK_TABLE_SYNCED_PATH}
    server local 127.0.0.1:${PORTS.web} check inter 500ms fall 1 rise 1
`;
}

/** The machine's own entry has none: it is where the section is bound. */
const peerAddress = (facts: ShardFacts, { name, address }: Shard): string =>
  name === facts.instance.instanceId ? '' : ` ${address}:${PORTS.peers}`;

function webBackend(facts: ShardFacts, all: readonly Shard[]): string {
  const others = onlyShard(facts) ? [] : all.filter(({ name }) => name !== facts.instance.instanceId);
  return `# Pages, scripts, pictures: the same on every shard.
backend web
    option redispatch 1
    option httpchk GET ${WEB_HEALTH_PATH}
    default-server check inter 1s fall 2 rise 1
    server local 127.0.0.1:${PORTS.web}
${others.map(({ name, address }) => `    server ${name} ${address}:${PORTS.web} backup\n`).join('')}`;
}
