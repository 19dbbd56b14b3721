import { needsTokens } from '../../contract/access.js';
import { ADMITTED_LOCATION, AGENT_HEADERS, AGENT_PATHS } from '../../contract/agent-requests.js';
import { hostlessTime, LOGIN_PATHS } from '../../contract/login.js';
import { AGENT_USER, SIGN_IN_KEY_FILE, TOKEN_KEY_FILE } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import { APP_ID } from '../../contract/tokens.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { RATES } from './nginx-limits.js';
import {
  DEBIAN_LIBRARY,
  HOSTS_MODULES,
  LOBBY_MODULES,
  LUA_LIBRARIES,
  LUA_LIBRARIES_FOLDER,
  MODULES,
  MODULES_FOLDER,
  TOKEN_MODULES,
} from './prosody-modules.js';
import { lua } from './quoting.js';

const withTokens = ({ spec }: ShardFacts): boolean => needsTokens(spec.access);
const withLobby = ({ spec }: ShardFacts): boolean => spec.meetings.lobby === 'on';
const withHosts = ({ spec }: ShardFacts): boolean => spec.access === 'hosts';

/** A Lua file that Prosody reads. */
export const forProsody = (path: string, text: string): MachineFile => ({
  path,
  mode: 0o644,
  owner: 'root:root',
  text: `-- ${NOTICE}\n${text}`,
  readBy: ['prosody'],
});

const modules = (of: Readonly<Record<string, string>>): MachineFile[] =>
  Object.entries(of).map(([name, text]) => forProsody(`${MODULES_FOLDER}/mod_${name}.lua`, text));

/** Prosody modules, and the agent's keys, as far as the deployment needs them. */
export function accessFiles(facts: ShardFacts): MachineFile[] {
  const forAll = { ...MODULES, ...(withLobby(facts) && LOBBY_MODULES) };
  if (!withTokens(facts)) return modules(forAll);
  return [
    ...modules({ ...forAll, ...TOKEN_MODULES, ...(withHosts(facts) && HOSTS_MODULES) }),
    ...LUA_LIBRARIES.map((name) => forProsody(`${LUA_LIBRARIES_FOLDER}/${name}.lua`, DEBIAN_LIBRARY)),
    forAgent(TOKEN_KEY_FILE, facts.passwords.tokens),
    ...(withHosts(facts) ? [forAgent(SIGN_IN_KEY_FILE, facts.passwords.signIn)] : []),
  ];
}

const forAgent = (path: string, key: string): MachineFile => ({
  path,
  mode: 0o640,
  owner: `root:${AGENT_USER}`,
  text: key,
  readBy: ['convoke-agent'],
});

/** Authentication of participants in Prosody. */
export function participantLogin(facts: ShardFacts): string {
  if (!withTokens(facts)) return 'authentication = "jitsi-anonymous"';
  return `authentication = "token"
    app_id = ${lua(APP_ID)}
    app_secret = ${lua(facts.passwords.tokens)}
    signature_algorithm = "HS256"
    asap_accepted_issuers = { ${lua(APP_ID)} }
    asap_accepted_audiences = { ${lua(APP_ID)} }
    asap_require_room_claim = true
    allow_empty_token = false
    -- A token is for a room of this domain, not for a room of the same name under a tenant.
    enable_domain_verification = true`;
}

const hostsModule = (facts: ShardFacts): string => (withHosts(facts) ? ' "convoke_hosts";' : '');

/** Additional modules on the participants' host and on the conference component. */
export const loginModules = (facts: ShardFacts): string =>
  `\n        "convoke_session_room"; "convoke_breakout_rooms"; "convoke_conferences_over_http"; "convoke_silence"; "convoke_meeting_limits";
        "convoke_room_invitations";${withTokens(facts) ? ' "convoke_own_meeting";' : ''}${hostsModule(facts)} -- convoke's own`;
export const meetingModules = (facts: ShardFacts): string =>
  `${withTokens(facts) ? '\n        "token_verification"; -- Jitsi\'s' : ''}
        "convoke_session_room"; "convoke_meeting_limits"; "convoke_occupants";${withTokens(facts) ? ' "convoke_tokens_unlogged"; "convoke_moderators";' : ''}${hostsModule(facts)}${withLobby(facts) ? ' "convoke_lobby";' : ''} -- convoke's own`;

/** Option of the conference component: after how long a meeting without a host ends. */
export function hostlessOption({ spec }: ShardFacts): string {
  const seconds = spec.login && hostlessTime(spec.login);
  return seconds === undefined ? '' : `\n    convoke_hostless = ${seconds}`;
}

/** Option of the conference component: who opens a meeting's lobby by entering it. */
export const lobbyOption = (facts: ShardFacts): string =>
  withLobby(facts)
    ? `
    convoke_lobby_opened_by = ${lua(withTokens(facts) ? 'moderators' : 'everyone')}`
    : '';

/** Where Prosody looks for modules of Jitsi's and convoke's. */
export const PLUGIN_PATHS = ['/usr/share/jitsi-meet/prosody-plugins/', `${MODULES_FOLDER}/`]
  .map(lua)
  .join(', ');

/** With invitations, the token decides who moderates; without, the first participant does. */
export const moderators = (facts: ShardFacts): string =>
  withTokens(facts) ? '  conference.enable-auto-owner = false\n' : '';

/** A failing request would be logged with its URL, including the token. */
export const webLogLevel = (facts: ShardFacts): string => (withTokens(facts) ? 'crit' : 'warn');

/** Upstreams for the agent, one with a fallback. */
export const ACCESS_UPSTREAMS = `
    # The agent, which has Jicofo open conferences, and checks invitations.
    upstream access {
        server 127.0.0.1:${PORTS.access};
        keepalive 8;
    }
    # The agent, which distinguishes a busy Jicofo from a dead one. While it restarts, Jicofo itself.
    upstream jicofo_health {
        server 127.0.0.1:${PORTS.access} max_fails=0;
        server 127.0.0.1:${PORTS.jicofo} max_fails=0 backup;
    }`;

/** Jicofo's health, for nginx itself. */
export const JICOFO_HEALTH_LOCATION = `internal;
            proxy_pass http://jicofo_health${AGENT_PATHS.jicofo};
            proxy_pass_request_headers off;
            proxy_connect_timeout 1s;
            # An agent without an answer is not a dead Jicofo: then Jicofo is asked, within the edges' time for a check.
            proxy_read_timeout 900ms;`;

const PAGE_METHODS = 'if ($request_method !~ ^(?:GET|HEAD)$) { return 405; }';

export const CONFERENCE_REQUEST = '/conference-request/v1';

/**
 * Conference requests. Jicofo opens any room for everybody, and decodes a body in whatever character set the request
 * names. So the agent validates the request and sends its own to Jicofo; nothing else of a participant's request
 * reaches Jicofo. The header with the network is forwarded as the edge set it.
 */
export function conferenceLocation(headers: string): string {
  return `location = ${CONFERENCE_REQUEST} {
            if ($request_method != POST) { return 405; }
            ${headers}
            proxy_pass http://access${AGENT_PATHS.conference};
            proxy_http_version 1.1;
            proxy_set_header Connection '';
            proxy_set_header ${AGENT_HEADERS.url} $request_uri;
            proxy_set_header ${AGENT_HEADERS.tenant} $tenant;
            client_max_body_size 8k;
            # It answers once the room exists: that takes seconds with a cold bridge, and requests may be queued.
            proxy_read_timeout 40s;
        }`;
}

/** A request to the agent, which gets nothing of the participant's request but these headers. */
const askAgent = (path: string, headers: readonly string[]): string =>
  `proxy_pass http://access${path};
            proxy_http_version 1.1;
            proxy_pass_request_headers off;
            proxy_pass_request_body off;
            proxy_set_header Content-Length '';
            proxy_set_header Connection '';
            proxy_set_header ${AGENT_HEADERS.url} $request_uri;${headers.map((header) => `\n            proxy_set_header ${header};`).join('')}`;

/** Cookies are the agent's own and Jitsi's. Its answers carry tokens and cookies, beyond nginx's default for headers. */
const COOKIES = `Cookie $http_cookie`;
/** By which the agent knows recorders. */
const BROWSER = 'User-Agent $http_user_agent';
const LARGE_ANSWERS = 'proxy_buffer_size 16k;\n            proxy_buffers 8 16k;';

/** Where hosts sign in and out, and where guests ask whether the meeting has started, which has the `shardHeader`. */
export function signInLocations(facts: ShardFacts, headers: string, shardHeader: string): string {
  if (!withHosts(facts)) return '';
  const location = (path: string, agentPath: string, methods: string, added = headers): string => `
        location = ${path} {
            if ($request_method !~ ^(?:${methods})$) { return 405; }
            limit_req zone=questions burst=${RATES.questions.burst} nodelay;
            ${askAgent(agentPath, [COOKIES, 'Origin $http_origin', `${AGENT_HEADERS.network} $http_${AGENT_HEADERS.network.replaceAll('-', '_')}`])}
            ${LARGE_ANSWERS}
            # The provider has to answer.
            proxy_read_timeout 40s;
            ${added}
        }`;
  return [
    location(LOGIN_PATHS.signIn, AGENT_PATHS.signIn, 'GET'),
    location(LOGIN_PATHS.callback, AGENT_PATHS.callback, 'GET'),
    location(LOGIN_PATHS.signOut, AGENT_PATHS.signOut, 'GET|POST'),
    location(LOGIN_PATHS.guest, AGENT_PATHS.guest, 'GET', shardHeader),
  ].join('');
}

/**
 * The page, which is the same for every room. `page`: how it is served. In deployments for members, a page with the
 * reason is served to participants without a valid invitation. If the agent does not answer, the page is served,
 * since it opens nothing.
 */
export function pageLocations(facts: ShardFacts, page: string, headers: string): string {
  if (!withTokens(facts)) {
    return `location = / {
            ${PAGE_METHODS}
            try_files /index.html =404;
            ${page}
        }
        location = /index.html {
            ${PAGE_METHODS}
            ${page}
        }
        location @room {
            ${PAGE_METHODS}
            rewrite ^ /index.html break;
            ${page}
        }`;
  }
  const ask = `{
            ${PAGE_METHODS}
            rewrite ^ ${AGENT_PATHS.page} break;
            ${askAgent('', [...(withHosts(facts) ? [COOKIES] : []), ...(facts.spec.recording ? [BROWSER] : [])])}${withHosts(facts) ? `\n            ${LARGE_ANSWERS}` : ''}
            error_page 502 504 = ${ADMITTED_LOCATION};
            ${headers}
        }`;
  return `location = / ${ask}
        location = /index.html ${ask}
        location @room ${ask}
        location ${ADMITTED_LOCATION} {
            rewrite ^ /index.html break;
            ${page}
        }`;
}
