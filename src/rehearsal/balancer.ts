import { createHash } from 'node:crypto';
import { ADDRESSES, balancerAddress, balancerSource } from './addresses.js';
import type { ActualState, DesiredState } from './emulated-state.js';
import type { Resources } from './paths.js';

type TargetGroup = DesiredState['targetGroups'][number];
type Balancer = DesiredState['balancers'][number];
type Listener = Balancer['listeners'][number];

/** Certificates for the balancer and the API names: one file per set of names. */
export function certificates(
  desired: DesiredState,
  regions: readonly string[],
  folder: string,
): Map<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>([[apiCertificate(folder), apiNames(regions)]]);
  for (const { listeners } of desired.balancers) {
    for (const { protocol, names } of listeners)
      if (protocol !== 'HTTP' && names.length) wanted.set(file(folder, names), names);
  }
  return wanted;
}

const file = (folder: string, names: readonly string[]) =>
  `${folder}/${createHash('sha256').update(names.join(',')).digest('hex').slice(0, 12)}.pem`;
const apiCertificate = (folder: string) => `${folder}/api.pem`;
const apiNames = (regions: readonly string[]) => [
  'amazonaws.com',
  '*.amazonaws.com',
  ...regions.flatMap((region) => [`*.${region}.amazonaws.com`, `*.s3.${region}.amazonaws.com`]),
];

/** Name of a target group in the configuration: HAProxy does not accept all characters of an ARN. */
export const backendName = (arn: string): string =>
  `targets_${createHash('sha256').update(arn).digest('hex').slice(0, 12)}`;

/**
 * HAProxy's configuration as the rehearsal's load balancer, and as the only path between the rehearsal's network and
 * this machine. Requests for metadata, AWS's APIs and packages leave through unix sockets to their servers here; DNS queries
 * and participants on this machine enter through one socket each. Participants reach the application load balancer as from
 * the internet.
 *
 * Behaviour of an application load balancer:
 * - WebSockets stay open when their target becomes unhealthy or is deregistered (the process before a reload keeps its
 *   connections). On AWS, connections of a deregistered target are closed after the deregistration delay; here they are
 *   closed by the machine's termination, for which a group does not wait for them.
 * - New requests go to healthy targets only, to all if none is healthy, and to a new one after its first successful check.
 * - A request goes to one target and is not retried: 502 if that refuses the connection, 504 if it does not accept it
 *   within 10 s, 503 if no target is registered.
 * - WebSockets use HTTP/1.1, never HTTP/2.
 *
 * Behaviour of a network load balancer: it terminates TLS and forwards the stream to healthy targets, or to all if none is
 * healthy; connections to a target that becomes unhealthy are closed.
 */
export function balancerConfig(desired: DesiredState, resources: Resources, folder: string): string {
  const { sockets } = resources;
  const groups = new Map(desired.targetGroups.map((group) => [group.arn, group]));
  return `global
  stats socket ${sockets.haproxy} mode 600 level admin expose-fd listeners
  server-state-file ${resources.run}/haproxy.state
  maxconn 4000
  tune.ssl.default-dh-param 2048
  ssl-default-bind-options ssl-min-ver TLSv1.2
  h2-workaround-bogus-websocket-clients

defaults
  mode http
  timeout connect 3s
  timeout client 1h
  timeout server 1h
  timeout http-request 30s
  load-server-state-from-file global

frontend metadata
  bind ${ADDRESSES.metadata}:80
  http-request set-header X-Convoke-Source %[src]
  default_backend metadata

backend metadata
  server here unix@${sockets.metadata}

frontend api
  bind ${ADDRESSES.api}:443 ssl crt ${apiCertificate(folder)}
  http-request set-header X-Forwarded-Proto https
  default_backend api

backend api
  server here unix@${sockets.api}

frontend apt
  mode tcp
  bind ${ADDRESSES.apt}:3142
  default_backend apt

backend apt
  mode tcp
  server here unix@${sockets.apt}

frontend names
  mode tcp
  bind unix@${sockets.names} mode 600
  default_backend names

backend names
  mode tcp
  server here ${ADDRESSES.resolver}:53

frontend web
  mode tcp
  bind unix@${sockets.web} mode 600
  default_backend web

backend web
  mode tcp
  source ${ADDRESSES.internet}
  server here ${ADDRESSES.balancer}:443
${desired.balancers.flatMap((balancer) => balancer.listeners.map((l) => frontend(l, balancer, folder, groups))).join('')}${desired.targetGroups.map((group) => backend(group, desired)).join('')}`;
}

function frontend(
  listener: Listener,
  balancer: Balancer,
  folder: string,
  groups: ReadonlyMap<string, TargetGroup>,
): string {
  return listener.protocol === 'TLS'
    ? tlsFrontend(listener, balancer, folder, groups)
    : webFrontend(listener, balancer, folder, groups);
}

/** A listener without an existing target group accepts no connections. */
function tlsFrontend(
  { port, names, action }: Listener,
  { kind, idleTimeout }: Balancer,
  folder: string,
  groups: ReadonlyMap<string, TargetGroup>,
): string {
  if (action.kind !== 'forward' || !groups.has(action.targetGroup)) return '';
  return `
frontend tls_${port}
  mode tcp
  bind ${balancerAddress(kind)}:${port} ssl crt ${file(folder, names)}
  timeout client ${idleTimeout}s
  ${openWhenNoneIsHealthy(backendName(action.targetGroup))}
`;
}

function webFrontend(
  listener: Listener,
  { kind, idleTimeout }: Balancer,
  folder: string,
  groups: ReadonlyMap<string, TargetGroup>,
): string {
  const { port, protocol, names, action, responses } = listener;
  const tls = protocol === 'HTTPS' ? ` ssl crt ${file(folder, names)} alpn h2,http/1.1` : '';
  const what =
    action.kind === 'redirect'
      ? `http-request redirect scheme ${action.protocol.toLowerCase()} code ${action.status}`
      : groups.has(action.targetGroup)
        ? openWhenNoneIsHealthy(backendName(action.targetGroup))
        : 'http-request return status 503';
  return `
frontend port_${port}
  bind ${balancerAddress(kind)}:${port}${tls}
  timeout client ${idleTimeout}s
  option forwardfor
  http-request set-header X-Forwarded-Proto ${protocol.toLowerCase()}
  http-request set-header X-Forwarded-Port ${port}
${responses.map(fixedResponse).join('')}  ${what}
`;
}

/** What a rule answers by itself. */
const fixedResponse = ({ paths, status, type, body }: Listener['responses'][number]): string =>
  paths
    .map(
      (path) =>
        `  http-request return status ${status} content-type ${type} string ${quoted(body)} if { path_reg ${asRegex(path)} }\n`,
    )
    .join('');

/** `*` is any text and `?` one character, as in AWS's path patterns. */
const asRegex = (pattern: string): string =>
  `^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`;

/** In strong quotes, as in a shell: HAProxy takes everything between them literally. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A group without healthy targets gets requests as if all were healthy. */
const openWhenNoneIsHealthy = (backend: string) => `use_backend ${backend}_open if { nbsrv(${backend}) eq 0 }
  default_backend ${backend}`;

/** Timeout for connections to targets, as on AWS. */
const CONNECT_SECONDS = 10;

/** Source address for requests and health checks: one of the load balancer that uses the target group. */
function source(arn: string, { balancers }: DesiredState): string {
  const owner = balancers.find(({ listeners }) =>
    listeners.some(({ action }) => action.kind === 'forward' && action.targetGroup === arn),
  );
  return owner ? `  source ${balancerSource(owner.kind)}\n` : '';
}

function backend({ arn, protocol, healthCheck, targets }: TargetGroup, desired: DesiredState): string {
  const { path, interval, timeout, healthy, unhealthy, codes } = healthCheck;
  const servers = (check: string) =>
    targets.map(({ id, ip, port }) => `  server ${id} ${ip}:${port}${check}\n`).join('');
  const from = source(arn, desired);
  const checked = ` check inter ${interval}s rise ${healthy} fall ${unhealthy}`;
  if (protocol === 'TCP') {
    return `
backend ${backendName(arn)}
  mode tcp
  timeout check ${timeout}s
  default-server on-marked-down shutdown-sessions
${from}${servers(checked)}
backend ${backendName(arn)}_open
  mode tcp
${from}${servers('')}`;
  }
  return `
backend ${backendName(arn)}
  timeout check ${timeout}s
  option httpchk GET ${path}
  http-check expect status ${codes}
${from}${forwarding(targets.length)}${servers(checked)}
backend ${backendName(arn)}_open
${from}${forwarding(targets.length)}${servers('')}`;
}

/** Forwarding to targets, and the status codes for failures: HAProxy itself would answer all of them with 503. */
function forwarding(targets: number): string {
  const ways = `  timeout connect ${CONNECT_SECONDS}s
  timeout server 1h
  retries 0
`;
  if (targets === 0) return ways;
  const unanswered = '{ status 503 } !{ var(txn.answered) -m bool }';
  return `${ways}  http-request set-var(txn.began) date()
  http-response set-var(txn.answered) bool(true)
  http-after-response set-var(txn.waited) date(),sub(txn.began)
  http-after-response set-status 504 if ${unanswered} { var(txn.waited) -m int ge ${CONNECT_SECONDS - 1} }
  http-after-response set-status 502 if ${unanswered}
`;
}

/** The columns of HAProxy's state file, version 1. */
const STATE_HEAD = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
`;

/**
 * Server states for the next process: those that HAProxy reports, and new servers as down until their first
 * successful check. HAProxy would count them as up until the first failed one.
 */
export function serverStates(said: string, desired: DesiredState): string {
  const known = new Set(
    said.split('\n').map((line) => {
      const [, backend, , server] = line.split(' ');
      return `${backend} ${server}`;
    }),
  );
  const fresh = desired.targetGroups.flatMap(({ arn, healthCheck, targets }) =>
    targets.map(({ id, ip, port }, index) => {
      const name = backendName(arn);
      if (known.has(`${name} ${id}`)) return '';
      return `0 ${name} ${index + 1} ${id} ${ip} 0 0 1 1 0 1 0 ${healthCheck.healthy - 1} 6 0 0 0 - ${port} - 0 0 - - 0\n`;
    }),
  );
  return `${said.trim() ? `${said.trimEnd()}\n` : STATE_HEAD}${fresh.join('')}`;
}

/** Converts HAProxy's `show stat` into target health as a load balancer reports it. */
export function targetHealth(csv: string, desired: DesiredState): ActualState['targets'] {
  const [head = '', ...rows] = csv.trim().split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const column = (row: string[], name: string) => row[columns.indexOf(name)] ?? '';
  const health: ActualState['targets'] = {};
  for (const { arn, targets } of desired.targetGroups) {
    const name = backendName(arn);
    const states: Record<string, ActualState['targets'][string][string]> = {};
    for (const { id } of targets) {
      const row = rows
        .map((line) => line.split(','))
        .find((r) => column(r, 'pxname') === name && column(r, 'svname') === id);
      states[id] = row
        ? verdict(column(row, 'status'), column(row, 'check_status'), column(row, 'last_chk'))
        : { state: 'initial', reason: '' };
    }
    health[arn] = states;
  }
  return health;
}

function verdict(status: string, check: string, last: string): ActualState['targets'][string][string] {
  // A server counts as up until its first check completes; a check in progress is marked with an asterisk.
  if (['', 'INI'].includes(check.replace(/^\* /, ''))) return { state: 'initial', reason: 'not checked yet' };
  if (status.startsWith('UP')) return { state: 'healthy', reason: '' };
  return { state: 'unhealthy', reason: `health check: ${check}${last ? ` ${last}` : ''}` };
}
