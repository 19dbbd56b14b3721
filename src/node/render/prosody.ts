import { PROSODY_CERTIFICATE, PROSODY_KEY } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { ShardFacts } from '../facts.js';
import {
  hostlessOption,
  lobbyOption,
  loginModules,
  meetingModules,
  PLUGIN_PATHS,
  participantLogin,
} from './access.js';
import { type MachineFile, NOTICE } from './file.js';
import {
  BACKLOG_LIMITS,
  backlogOptions,
  LIMITS_OPTIONS,
  MEETING_LIMITS_OPTIONS,
  PROSODY_LIMITS,
} from './prosody-limits.js';
import { SILENCE, SILENCE_OPTIONS } from './prosody-silence.js';
import { lua } from './quoting.js';
import {
  breweries,
  passwordWhitelist,
  recorderAdmission,
  recorderDaemon,
  recorderHost,
  recordingModule,
  recordingOptions,
} from './recording.js';
import { turnLoginModule, turnService } from './turn-credentials.js';
import { type XmppNames, xmppNames } from './xmpp-names.js';

/**
 * Prosody's whole configuration: it includes no other files, so those of the Debian and Jitsi packages in `conf.d`
 * have no effect. Modules without a comment are Jitsi's, from `jitsi-meet-prosody`.
 */
export function prosody(facts: ShardFacts): MachineFile {
  const names = xmppNames(facts.spec.domain);
  return {
    path: '/etc/prosody/prosody.cfg.lua',
    mode: 0o640,
    owner: 'root:prosody',
    text: [server(facts, names), hosts(facts, names), rooms(facts, names), services(names)].join('\n'),
    readBy: ['prosody'],
  };
}

/** Counted only when they are read. The module http_openmetrics answers only this machine, its default. */
const METRICS = `statistics = "internal"
statistics_interval = "manual"
`;

function server(facts: ShardFacts, names: XmppNames): string {
  // A co-located bridge connects over loopback. Dedicated bridges and recorders connect through the security group.
  const others = !facts.spec.colocatedBridge || facts.spec.recording !== undefined;
  const interfaces = ['127.0.0.1', ...(others ? [facts.instance.privateAddress] : [])];
  return `-- ${NOTICE}
plugin_paths = { ${PLUGIN_PATHS} }
pidfile = "/run/prosody/prosody.pid"
log = { { levels = { min = "info" }, to = "console" } } -- systemd's journal

modules_enabled = { -- all Prosody's own
    "disco"; "roster"; "saslauth"; "tls"; "ping"; "admin_shell";${facts.spec.prometheus ? ' "http_openmetrics";' : ''}
}
${facts.spec.prometheus ? METRICS : ''}modules_disabled = { "s2s"; "offline"; "register" } -- no federation, no stored data

-- Meetings are kept in memory. Only the daemons' accounts are files (see the host ${names.auth}).
storage = "memory"
authentication = "internal_hashed"
allow_registration = false

c2s_interfaces = { ${interfaces.map(lua).join(', ')} }
c2s_ports = { ${PORTS.prosodyClient} }
c2s_require_encryption = true
ssl = { certificate = ${lua(PROSODY_CERTIFICATE)}, key = ${lua(PROSODY_KEY)} }

-- The load balancer terminates TLS; nginx connects over loopback and passes on the participant's address.
http_interfaces = { "127.0.0.1" }
http_ports = { ${PORTS.prosodyHttp} }
https_ports = { }
http_default_host = ${lua(names.domain)}
trusted_proxies = { "127.0.0.1" }
consider_bosh_secure = true
consider_websocket_secure = true

-- A participant can resume a session for a minute after its connection was closed; the module convoke_silence closes dead
-- ones. BOSH has requests instead of a connection.
smacks_hibernation_time = ${SILENCE.resume}
bosh_max_wait = ${SILENCE.boshWait}
bosh_max_inactivity = ${SILENCE.boshInactivity}
smacks_max_unacked_stanzas = 5
smacks_max_old_sessions = 1
smacks_max_queue_size = ${BACKLOG_LIMITS.queue}

-- Limits of a stanza, a WebSocket frame and a BOSH request. The module convoke_limits has the other limits.
c2s_stanza_size_limit = ${PROSODY_LIMITS.stanza}
c2s_unauthed_stanza_size_limit = ${PROSODY_LIMITS.stanzaBeforeLogin}
http_max_content_size = ${PROSODY_LIMITS.stanza}
-- Seconds for login. Prosody keeps a WebSocket's session in memory for this time even if it ends sooner.
c2s_timeout = ${PROSODY_LIMITS.login}
-- Jicofo describes a whole meeting in one stanza.
unlimited_jids = { ${lua(names.focusAccount)}, ${lua(names.bridgeAccount)}${recorderDaemon(facts)} }

admins = { ${lua(names.focusAccount)} }
component_admins_as_room_owners = true -- Jicofo owns each meeting
convoke_focus_account = ${lua(names.focusAccount)}

muc_mapper_domain_base = ${lua(names.domain)}
muc_mapper_domain_prefix = "conference"
shard_name = ${lua(facts.spec.shard)}
region_name = ${lua(facts.spec.region)}
${turnService(facts)}`;
}

function hosts(facts: ShardFacts, names: XmppNames): string {
  return `-- Participants.
VirtualHost ${lua(names.domain)}
    ${participantLogin(facts)}
    modules_enabled = {
        "bosh"; "websocket"; "smacks"; "external_services"; -- Prosody's own
        "features_identity"; "conference_duration"; "muc_lobby_rooms"; "muc_breakout_rooms"; "jiconop";
        "convoke_limits"; "convoke_backlog"; "convoke_brewery";${recordingModule(facts)} -- convoke's own${loginModules(facts)}${turnLoginModule(facts)}
    }
    ${LIMITS_OPTIONS}
    ${backlogOptions(facts)}
    ${MEETING_LIMITS_OPTIONS}
    ${SILENCE_OPTIONS}
    main_muc = ${lua(names.conference)}
    lobby_muc = ${lua(names.lobby)}
    breakout_rooms_muc = ${lua(names.breakout)}
    convoke_bridge_account = ${lua(names.bridgeAccount)}
    convoke_brewery = ${lua(names.brewery)}${recordingOptions(facts)}

-- Jicofo and the machines that work for it. Without smacks, a daemon whose connection breaks is offline at once, not 15 seconds later.
VirtualHost ${lua(names.auth)}
    authentication = "internal_hashed"
    storage = "internal"
    modules_enabled = { "limits_exception"; "convoke_breweries" } -- the latter convoke's own
    ${breweries(facts)}
${recorderHost(facts)}`;
}

function rooms(facts: ShardFacts, names: XmppNames): string {
  const room = `    muc_room_locking = false
    muc_room_default_public_jids = true
    muc_tombstones = false
    muc_room_allow_persistent = false
`;
  return `-- Meetings.
Component ${lua(names.conference)} "muc"
    restrict_room_creation = true
    modules_enabled = {
        "muc_hide_all"; "muc_meeting_id"; "muc_domain_mapper"; "muc_password_whitelist"; "muc_resource_validate";${meetingModules(facts)}
    }
    ${MEETING_LIMITS_OPTIONS}
    muc_password_whitelist = { ${lua(names.focusAccount)}${passwordWhitelist(facts)} }${recorderAdmission(facts)}${lobbyOption(facts)}${hostlessOption(facts)}
    muc_room_cache_size = 10000
${room}
Component ${lua(names.breakout)} "muc"
    restrict_room_creation = true
    modules_enabled = { "muc_hide_all"; "muc_meeting_id"; "convoke_occupants" }
    muc_room_cache_size = 10000
${room}
Component ${lua(names.lobby)} "muc"
    restrict_room_creation = true
    modules_enabled = { "muc_hide_all"; "convoke_occupants" }
    muc_room_cache_size = 10000
${room}
-- The breweries, in which bridges and recorders send presence to Jicofo. Participants have no access.
Component ${lua(names.internal)} "muc"
    restrict_room_creation = true
    modules_enabled = { "muc_hide_all"; "muc_filter_access" }
    muc_filter_whitelist = { ${lua(names.auth)} }
    -- Only here may they create rooms, too.
    admins = { ${lua(names.focusAccount)}, ${lua(names.bridgeAccount)}${recorderDaemon(facts)} }
    muc_room_cache_size = 1000
${room}`;
}

function services(names: XmppNames): string {
  const forMeetings = (name: string, component: string): string =>
    `Component ${lua(`${name}.${names.domain}`)} ${lua(component)}\n    muc_component = ${lua(names.conference)}\n`;
  return `-- Participants talk to Jicofo through this address and never learn its own.
Component ${lua(names.focus)} "client_proxy"
    target_address = ${lua(names.focusAccount)}

${forMeetings('speakerstats', 'speakerstats_component')}
${forMeetings('endconference', 'end_conference')}
${forMeetings('avmoderation', 'av_moderation_component')}
${forMeetings('metadata', 'room_metadata_component')}    breakout_rooms_component = ${lua(names.breakout)}

Component ${lua(`polls.${names.domain}`)} "polls_component"
`;
}
