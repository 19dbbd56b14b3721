import type { CellFacts } from '../facts.js';
import { EDGE_HEALTH_PATH, PORTS } from '../ports.js';
import { type MachineFile, NOTICE } from './file.js';
import { haproxy as quoted } from './quoting.js';

export const HAPROXY_STATS_SOCKET = '/run/haproxy/convoke.sock';
/** nginx answers this itself: the web server of this cell is up. */
export const WEB_HEALTH_PATH = '/convoke/health/web';

/**
 * The edge. It sends what belongs to a room to the room's shard, and everything else to the web server on board.
 * With one cell both are the same nginx; a further cell is a further `server` line in `shards` and a peer.
 */
export function haproxy(facts: CellFacts): MachineFile {
  const shard = facts.spec.cell;
  return {
    path: '/etc/haproxy/haproxy.cfg',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
global
    # Requests are not logged: paths hold room names.
    log stderr format raw local0 notice
    chroot /var/lib/haproxy
    user haproxy
    group haproxy
    # Each takes two file descriptors. Prosody, on its one core, is full before this is reached.
    maxconn 8000
    stats socket ${HAPROXY_STATS_SOCKET} mode 660 level user
    # A reload must not wait for WebSockets of a finished meeting.
    hard-stop-after 1h

defaults
    mode http
    log global
    option dontlognull
    option redispatch 1
    retries 3
    timeout connect 2s
    timeout http-request 15s
    timeout client 75s
    # Longer than Prosody holds a BOSH request.
    timeout server 75s
    # Longer than the load balancer keeps an idle connection (1 h), so that it never sends into one that closes.
    timeout http-keep-alive 65m
    # WebSockets. Participants ping every few seconds; a dead one is noticed by TCP.
    timeout tunnel 2h
    timeout client-fin 10s

frontend edge
    bind :${PORTS.edge}
    monitor-uri ${EDGE_HEALTH_PATH}
    # Unhealthy only if nothing can be served from here. What a shard lacks is not the edge's matter.
    monitor fail if { nbsrv(web) lt 1 }

    # The load balancer's X-Forwarded-For is left as it is: its last entry is the participant.
    http-request set-var(txn.room) url_param(room),lower
    acl of_a_shard path_end /http-bind /xmpp-websocket /conference-request/v1 /config.js
    use_backend shards if of_a_shard
    default_backend web

# Room → shard: hashed, so that all edges agree; remembered, so that a room stays where its people are
# when a shard that was away returns.
backend shards
    balance hash var(txn.room)
    hash-type consistent
    stick-table type string len 128 size 200k expire 24h
    stick on var(txn.room) if { var(txn.room) -m found }
    # The shard on board answers through the same nginx: one check tells about both.
    server ${shard} 127.0.0.1:${PORTS.web} track web/local
    http-response set-header x-jitsi-shard ${quoted(shard)}

# Pages, scripts, pictures: the same on every cell.
backend web
    option httpchk GET ${WEB_HEALTH_PATH}
    server local 127.0.0.1:${PORTS.web} check inter 1s fall 2 rise 1
`,
    readBy: ['haproxy'],
  };
}
