import {
  SHARD_HEALTH_PATH,
  STICK_TABLE_SYNCED_FILE,
  STICK_TABLE_SYNCED_PATH,
  WEB_HEALTH_PATH,
} from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import { TENANT } from '../../contract/tenant.js';
import type { ShardFacts } from '../facts.js';
import {
  ACCESS_UPSTREAMS,
  conferenceLocation,
  JICOFO_HEALTH_LOCATION,
  pageLocations,
  signInLocations,
  webLogLevel,
} from './access.js';
import { NO_MEETING_FILE } from './error-pages.js';
import { type MachineFile, NOTICE } from './file.js';
import { LIMITS, RATES } from './nginx-limits.js';
import { webSettingsLocations } from './nginx-web-settings.js';
import { PROSODY_LIMITS } from './prosody-limits.js';
import { nginx as quoted } from './quoting.js';
import { wordsHeaders } from './refusal-page.js';
import { onlyShard } from './shards.js';
import { VPC_RANGES } from './vpc-ranges.js';
import { WEB_CONFIG_FILE } from './web-config.js';
import { HEADERS, pageHeaders, SHARED_HEADERS } from './web-headers.js';

const NO_MEETING_PATH = '/convoke/no-meeting';
const PAGE_OF_WORDS = `add_header Content-Security-Policy ${quoted(wordsHeaders()['content-security-policy'])} always;`;
const JICOFO_HEALTH_PATH = '/convoke/health/jicofo';
/** In a folder that nginx's user may write to: the unit creates it. */
export const NGINX_PID = '/run/nginx/nginx.pid';
const PAGES = '/usr/share/jitsi-meet';

/** The page includes `config.js` and others by server-side include, and must be revalidated after a release. */
const page = (facts: ShardFacts): string => `ssi on;
            add_header Cache-Control no-cache always;
            ${pageHeaders(facts)}`;

/** Participants' requests have this header from the load balancer; HAProxy's checks do not. */
const FOR_EDGES = 'if ($http_x_forwarded_for) { return 404; }';

/** The edges log what becomes of their checks. Here a machine that starts would log hundreds of failed ones. */
const UNLOGGED = 'error_log stderr crit;';

/**
 * Files that browsers and robots request on their own. If the client does not have one, the answer is 404, not a
 * room.
 */
const FILES_NOT_ROOMS =
  '(?:robots\\.txt|sitemap\\.xml|apple-app-site-association|favicon\\.ico|browserconfig\\.xml|apple-touch-icon[^/]*\\.png|manifest\\.json|pwa-worker\\.js)';

/**
 * nginx's whole configuration: the meeting page, and the proxies to Prosody and to the agent, which talks to Jicofo.
 *
 * A path may begin with a tenant (`/team/room`), whose name gets into `config.js` by server-side include; room names get into
 * nothing.
 */
export function nginx(facts: ShardFacts): MachineFile {
  const { domain, shard } = facts.spec;
  // Set by the shard itself, whichever edge forwards the response. Participants compare it with their current shard.
  const shardHeader = `add_header X-Jitsi-Shard ${quoted(shard)} always; ${HEADERS}`;
  const tenant = `(?<tenant>${TENANT})`;
  return {
    path: '/etc/nginx/nginx.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
worker_processes auto;
pid ${NGINX_PID};
error_log stderr ${webLogLevel(facts)};

events {
    # A WebSocket takes two connections, and HAProxy keeps 8000 requests open.
    worker_connections 16384;
}

http {
    include /etc/nginx/mime.types;
    types {
        audio/wav wav;
    }
    default_type application/octet-stream;
    charset utf-8;

    # Requests are not logged: paths contain room names.
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    client_max_body_size 64k;
    # The same as HAProxy's limit. A token in the address or in a header may have 8 KB.
    large_client_header_buffers 4 16k;
    # From one read to the next. A request is passed on as a whole.
    client_header_timeout 15s;
    client_body_timeout 15s;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types text/plain text/css application/javascript text/javascript application/json application/wasm image/svg+xml;

    # The participant's address, as the load balancer appended it. Only edges can connect: this machine's own, and
    # those that the security group admits.
    set_real_ip_from 127.0.0.1;
${trustedEdges(facts)}    real_ip_header X-Forwarded-For;

    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' '';
    }
    # Only the load balancer knows whether the participant used TLS.
    map $http_x_forwarded_proto $participant_scheme {
        default https;
        http http;
    }
    # Files with a version in the query never change.
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
        # Redirects must contain neither this port nor this scheme.
        absolute_redirect off;

        ${HEADERS}

        # Requested by the edges themselves, never for a participant.
        location = ${WEB_HEALTH_PATH} {
            ${FOR_EDGES}
            default_type text/plain;
            return 200 "ok\\n";
        }
${stickTableHealth(facts)}        location = ${SHARD_HEALTH_PATH} {
            ${FOR_EDGES}
            ${UNLOGGED}
            auth_request ${JICOFO_HEALTH_PATH};
            proxy_pass http://prosody/http-bind;
            ${toProsody(domain)}
            proxy_connect_timeout 1s;
            proxy_read_timeout 4s;
        }
        location = ${JICOFO_HEALTH_PATH} {
            ${JICOFO_HEALTH_LOCATION}
        }
        location ^~ /convoke/ {
            return 404;
        }${signInLocations(facts, HEADERS, shardHeader)}
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
            # Other sites embed meetings with it, and must revalidate it after a release.
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

        # The same below a tenant. Only these locations set the tenant; it is empty elsewhere.
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

        # Any other single path segment that is not a file is a room: the page reads its name from the address bar.
        location ~ ^/[^/]+$ {
            try_files $uri @room;
        }
        location ~ ^/(?:[^/]+/)+$ {
            rewrite ^(.+)/$ $1 redirect;
        }
        # Not a valid tenant. The page would open the last segment as a room without a tenant, which others may use.
        location / {
            error_page 404 ${NO_MEETING_PATH};
            return 404;
        }
        location = ${NO_MEETING_PATH} {
            internal;
            alias ${NO_MEETING_FILE};
            default_type text/html;
            ${PAGE_OF_WORDS}
            ${HEADERS}
        }
        ${pageLocations(facts, page(facts), HEADERS)}
    }
}
`,
    readBy: ['nginx'],
  };
}

/** Edges of other shards connect over the network. Participants never do: they are behind the load balancer. */
function listenToEdges(facts: ShardFacts): string {
  return onlyShard(facts)
    ? ''
    : `        listen ${facts.instance.privateAddress}:${PORTS.web} default_server;\n`;
}

function stickTableHealth(facts: ShardFacts): string {
  return onlyShard(facts)
    ? ''
    : `        location = ${STICK_TABLE_SYNCED_PATH} {
            ${FOR_EDGES}
            ${UNLOGGED}
            default_type text/plain;
            alias ${STICK_TABLE_SYNCED_FILE};
        }
`;
}

/** The whole VPC: edges come and go, and the security group admits nothing else to the port. */
function trustedEdges(facts: ShardFacts): string {
  return onlyShard(facts) ? '' : VPC_RANGES.map(({ cidr }) => `    set_real_ip_from ${cidr};\n`).join('');
}

function toProsody(domain: string): string {
  return `proxy_http_version 1.1;
            proxy_set_header Host ${quoted(domain)};
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $participant_scheme;
            # Jitsi's modules would add it to the participant's presence, whatever its length.
            proxy_set_header X-Proxy-Region '';`;
}
