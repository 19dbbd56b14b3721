import {
  NETWORK_HEADER,
  SHARD_HEALTH_PATH,
  STICK_TABLE_SYNCED_FILE,
  STICK_TABLE_SYNCED_PATH,
  WEB_HEALTH_PATH,
} from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { ShardFacts } from '../facts.js';
import {
  ACCESS_UPSTREAMS,
  conferenceLocation,
  JICOFO_HEALTH_LOCATION,
  pageLocations,
  webLogLevel,
} from './access.js';
import { type MachineFile, NOTICE } from './file.js';
import { PROSODY_LIMITS } from './limits-module.js';
import { webSettingsLocations } from './nginx-web-settings.js';
import { nginx as quoted } from './quoting.js';
import { onlyShard } from './shards.js';
import { VPC_RANGES } from './vpc-ranges.js';
import { WEB_CONFIG_FILE } from './web-config.js';
import { HEADERS, pageHeaders, SHARED_HEADERS } from './web-headers.js';

const JICOFO_HEALTH_PATH = '/convoke/health/jicofo';
/** In a folder that nginx's own user may write to: the unit creates it. */
export const NGINX_PID = '/run/nginx/nginx.pid';
const PAGES = '/usr/share/jitsi-meet';

/** The page takes in `config.js` and the like by server-side include, and must be asked for anew after a release. */
const page = (facts: ShardFacts): string => `ssi on;
            add_header Cache-Control no-cache always;
            ${pageHeaders(facts)}`;

/**
 * Requests a second that a network may make of a shard's Prosody, and how many more may wait for their turn. A school or a
 * company has one address, and 500 people of it must be able to join within a minute, or to come back at once when a
 * shard has died.
 */
const RATES = {
  /** New WebSockets. 500 at once are all through after 10 s. Measured: Prosody takes 11 ms to log one in. */
  websockets: { perSecond: 50, burst: 500 },
  /** BOSH, which few use: where no WebSocket gets through. A participant makes 25 requests to join, then about one a second. */
  bosh: { perSecond: 200, burst: 1000 },
  /** The page of somebody who was cut off asks four times a second which shard serves the room. */
  questions: { perSecond: 500, burst: 5000 },
} as const;

const NETWORK = `$http_${NETWORK_HEADER.toLowerCase().replaceAll('-', '_')}`;

/** A zone counts the networks of requests for which its map has a key. */
const zone = (name: keyof typeof RATES, websocket: string, post: string, other: string): string => `
    map "$request_method:$http_upgrade" $network_of_${name} {
        '~^GET:.' ${websocket};
        '~^POST:' ${post};
        default ${other};
    }
    limit_req_zone $network_of_${name} zone=${name}:10m rate=${RATES[name].perSecond}r/s;`;

const LIMITS = `    # Requests to Prosody, by network. The edge names it. What exceeds a rate waits, and is refused when too many wait.${[
  zone('websockets', NETWORK, "''", "''"),
  zone('bosh', "''", NETWORK, "''"),
  zone('questions', "''", "''", NETWORK),
].join('')}
    limit_req_status 429;
    # A refused request would be logged with its address, which holds a room's name.
    limit_req_log_level info;
`;

/** A participant's request carries this header from the load balancer; a check of HAProxy's does not. */
const FOR_EDGES = 'if ($http_x_forwarded_for) { return 404; }';

/** Files that browsers and robots ask for by themselves. Where the client does not bring one, there is none: it is no room. */
const FILES_NOT_ROOMS =
  '(?:robots\\.txt|sitemap\\.xml|favicon\\.ico|browserconfig\\.xml|apple-touch-icon[^/]*\\.png|manifest\\.json|pwa-worker\\.js)';

/**
 * nginx's whole configuration: the meeting page, and the ways to Prosody and to the agent, which speaks to Jicofo.
 *
 * A path may begin with a tenant (`/team/room`). Only names of plain characters are tenants, because the name gets into
 * `config.js` by server-side include; room names get into nothing.
 */
export function nginx(facts: ShardFacts): MachineFile {
  const { domain, shard } = facts.spec;
  // Told by the shard itself, whichever edge the answer comes through. Participants compare it with where they are.
  const shardHeader = `add_header X-Jitsi-Shard ${quoted(shard)} always; ${HEADERS}`;
  const tenant = '(?<tenant>[A-Za-z0-9][A-Za-z0-9_.-]{0,62})';
  return {
    path: '/etc/nginx/nginx.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
worker_processes auto;
pid ${NGINX_PID};
error_log stderr ${webLogLevel(facts)};

events {
    # A WebSocket takes two, and HAProxy keeps 8000 requests open.
    worker_connections 16384;
}

http {
    include /etc/nginx/mime.types;
    types {
        audio/wav wav;
    }
    default_type application/octet-stream;
    charset utf-8;

    # Requests are not logged: paths hold room names.
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    client_max_body_size 64k;
    # From one read to the next. A request is passed on as a whole.
    client_header_timeout 15s;
    client_body_timeout 15s;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types text/plain text/css application/javascript text/javascript application/json application/wasm image/svg+xml;

    # The participant's address, as the load balancer wrote it last. Who may connect are edges: this machine's own, and
    # those that the security group lets in.
    set_real_ip_from 127.0.0.1;
${trustedEdges(facts)}    real_ip_header X-Forwarded-For;

    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' '';
    }
    # The load balancer alone knows whether the participant came over TLS.
    map $http_x_forwarded_proto $participant_scheme {
        default https;
        http http;
    }
    # Files that carry a version in the query never change.
    map $arg_v $file_expiry {
        default 1y;
        '' 1h;
    }

${LIMITS}
    upstream prosody {
        server 127.0.0.1:${PORTS.prosodyHttp};
        keepalive 32;
    }
${ACCESS_UPSTREAMS.slice(1)}

    server {
        listen 127.0.0.1:${PORTS.web} default_server;
${listenToEdges(facts)}        server_name _;
        root ${PAGES};
        index index.html;
        error_page 404 /static/404.html;
        # Redirects must name neither this port nor this scheme.
        absolute_redirect off;

        ${HEADERS}

        # Asked by the edges themselves, never for a participant.
        location = ${WEB_HEALTH_PATH} {
            ${FOR_EDGES}
            default_type text/plain;
            return 200 "ok\\n";
        }
${edgeKnows(facts)}        location = ${SHARD_HEALTH_PATH} {
            ${FOR_EDGES}
            auth_request ${JICOFO_HEALTH_PATH};
            proxy_pass http://prosody/http-bind;
            ${toProsody(domain)}
            proxy_connect_timeout 1s;
            proxy_read_timeout 2s;
        }
        location = ${JICOFO_HEALTH_PATH} {
            ${JICOFO_HEALTH_LOCATION}
        }
        location ^~ /convoke/ {
            return 404;
        }
        location = /static/404.html {
            ssi on;
            ${HEADERS}
        }

        location = /config.js {
            ssi on;
            ssi_types application/javascript text/javascript;
            alias ${WEB_CONFIG_FILE};
            add_header Cache-Control no-cache always;
            ${shardHeader}
        }
        ${webSettingsLocations(facts, HEADERS)}
        location = /external_api.js {
            # Other sites embed meetings with it, and must ask anew after a release.
            add_header Cache-Control no-cache always;
            ${SHARED_HEADERS}
            alias ${PAGES}/libs/external_api.min.js;
        }

        location ~ ^/(?:libs|css|static|images|fonts|lang|sounds|connection_optimization|\\.well-known)/ {
            expires $file_expiry;
            ${SHARED_HEADERS}
        }

        location = /http-bind {
            ${shardHeader}
            limit_req zone=bosh burst=${RATES.bosh.burst} delay=${RATES.bosh.burst / 10};
            limit_req zone=questions burst=${RATES.questions.burst} nodelay;
            client_max_body_size ${PROSODY_LIMITS.stanza / 1024}k;
            proxy_pass http://prosody/http-bind?prefix=$tenant&$args;
            ${toProsody(domain)}
            proxy_set_header Connection '';
            proxy_buffering off;
            # Longer than Prosody holds a request.
            proxy_read_timeout 75s;
        }
        location = /xmpp-websocket {
            ${shardHeader}
            limit_req zone=websockets burst=${RATES.websockets.burst} delay=${RATES.websockets.burst / 10};
            limit_req zone=questions burst=${RATES.questions.burst} nodelay;
            proxy_pass http://prosody/xmpp-websocket?prefix=$tenant&$args;
            ${toProsody(domain)}
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 2h;
            proxy_send_timeout 2h;
            tcp_nodelay on;
        }
        ${conferenceLocation(shardHeader)}

        # The same below a tenant. The tenant is set by these locations only, and empty elsewhere.
        location ~ "^/${tenant}/(?<shard_path>http-bind|xmpp-websocket|conference-request/v1|config\\.js)$" {
            rewrite ^ /$shard_path last;
        }
        location ~ "^/(?:${tenant}/)?(?<plain_file>${FILES_NOT_ROOMS})$" {
            try_files /$plain_file =404;
        }
        location ~ "^/${tenant}/(?<file>external_api\\.js|interface_config\\.js|(?:libs|css|static|images|fonts|lang|sounds)/.+)$" {
            rewrite ^ /$file last;
        }

        location ~ "^/${tenant}/[^/]+$" {
            rewrite ^ /index.html last;
        }

        # Everything else that is no file is a room: the page reads its name from the address bar.
        location / {
            try_files $uri @room;
        }
        ${pageLocations(facts, page(facts), HEADERS)}
    }
}
`,
    readBy: ['nginx'],
  };
}

/** Edges of other shards come over the network. Participants never do: they are behind the load balancer. */
function listenToEdges(facts: ShardFacts): string {
  return onlyShard(facts)
    ? ''
    : `        listen ${facts.instance.privateAddress}:${PORTS.web} default_server;\n`;
}

function edgeKnows(facts: ShardFacts): string {
  return onlyShard(facts)
    ? ''
    : `        location = ${STICK_TABLE_SYNCED_PATH} {
            ${FOR_EDGES}
            default_type text/plain;
            alias ${STICK_TABLE_SYNCED_FILE};
        }
`;
}

/** The whole VPC: edges come and go, and nothing else in there reaches the port. */
function trustedEdges(facts: ShardFacts): string {
  return onlyShard(facts) ? '' : VPC_RANGES.map(({ cidr }) => `    set_real_ip_from ${cidr};\n`).join('');
}

function toProsody(domain: string): string {
  return `proxy_http_version 1.1;
            proxy_set_header Host ${quoted(domain)};
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $participant_scheme;`;
}
