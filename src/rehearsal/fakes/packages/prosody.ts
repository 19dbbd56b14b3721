import type { DebianPackage, PackageFile } from '../deb.js';

const PLUGINS = '/usr/share/jitsi-meet/prosody-plugins';

/**
 * Stands in for `jitsi-meet-prosody`. Prosody itself is real; these are modules of the names that its configuration
 * loads. Those that decide who may log in or enter do their work; the others only let Prosody find them.
 */
export function prosodyPackage(): DebianPackage {
  return {
    name: 'jitsi-meet-prosody',
    depends: ['prosody'],
    summary: "fake of Jitsi Meet's Prosody modules for rehearsals",
    files: [
      ...Object.entries(WORKING).map(([name, text]) => plugin(name, text)),
      ...SILENT.map((name) => plugin(name, '')),
    ],
  };
}

/** A module of Jitsi's for Prosody, by its name. */
export function plugin(name: string, text: string): PackageFile {
  return { path: `${PLUGINS}/mod_${name}.lua`, text: `-- Fake of Jitsi's mod_${name}.\n${text}` };
}

const SILENT = [
  'av_moderation_component',
  'client_proxy',
  'conference_duration',
  'features_identity',
  'filesharing_component',
  'jiconop',
  'limits_exception',
  'muc_lobby_rooms',
  'muc_max_occupants',
  'muc_meeting_id',
  'muc_password_whitelist',
  'muc_rate_limit',
  'muc_resource_validate',
  'muc_size',
  'polls_component',
  'rate_limit',
  'shard_name',
  'speakerstats_component',
];

/** Like the real ones, finds a participant's meeting by the room and the tenant in the address of the request. */
const MEETING_OF = `(function (session, main_muc)
		if not session.jitsi_web_query_room then return; end
		local tenant = session.jitsi_web_query_prefix;
		local name = (tenant ~= "" and "[" .. tenant .. "]" or "") .. session.jitsi_web_query_room;
		return prosody.hosts[main_muc].modules.muc.get_room_from_jid(require "util.jid".join(name, main_muc));
	end)`;

const WORKING: Readonly<Record<string, string>> = {
  'auth_jitsi-anonymous': `-- Anybody may log in, under a name that Prosody makes up.
module:depends("jitsi_session");
local new_sasl = require "util.sasl".new;

local provider = {};

function provider.get_sasl_handler()
	return new_sasl(module.host, { anonymous = function () return true; end });
end

function provider.users()
	return function () return nil; end
end

module:provides("auth", provider);
`,
  end_conference: `-- A moderator ends the meeting for everybody.
local main_muc = module:get_option_string("muc_component");

module:hook("message/host", function (event)
	if not event.stanza:get_child("end_conference") then return; end
	local room = ${MEETING_OF}(event.origin, main_muc);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant or occupant.role ~= "moderator" then return false; end
	room:destroy(nil, "The meeting has been terminated");
	return true;
end);
`,
  jitsi_session: `-- Keeps what is in the address of a WebSocket or BOSH request.
module:set_global();
local formdecode = require "util.http".formdecode;

local function keep(event)
	local session, query = event.session, event.request.url.query;
	local params = query and formdecode(query);
	if type(params) ~= "table" then return; end
	session.jitsi_web_query_room, session.jitsi_web_query_prefix = params.room, params.prefix or "";
	session.auth_token = params.token;
end

module:hook_global("bosh-session", keep, 1);
module:hook_global("websocket-session", keep, 1);
`,
  muc_domain_mapper: `-- Clients write a tenant's room as name@conference.tenant.domain; it is [tenant]name@conference.domain.
local filters = require "util.filters";
local jid = require "util.jid";

local base = module:get_option_string("muc_mapper_domain_base");
local prefix = module:get_option_string("muc_mapper_domain_prefix", "conference") .. ".";

local function inside(address)
	local name, host, nick = jid.split(address);
	if not host or host:sub(1, #prefix) ~= prefix or host:sub(-#base - 1) ~= "." .. base then return address; end
	local tenant = host:sub(#prefix + 1, -#base - 2);
	if tenant == "" then return address; end
	return jid.join(name and "[" .. tenant .. "]" .. name, prefix .. base, nick);
end

local function outside(address)
	local name, host, nick = jid.split(address);
	local tenant, rest = (host == prefix .. base and name or ""):match("^%[([^%]]+)%](.+)$");
	return tenant and jid.join(rest, prefix .. tenant .. "." .. base, nick) or address;
end

local function map(change, which)
	return function (stanza)
		if stanza.attr and stanza.attr[which] then stanza.attr[which] = change(stanza.attr[which]); end
		return stanza;
	end
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/in", map(inside, "to"));
	filters.add_filter(session, "stanzas/out", map(outside, "from"));
end);
`,
  muc_breakout_rooms: `-- A moderator opens rooms within a meeting, under names that Prosody makes up. Who asks for any other gets no answer.
local jid = require "util.jid";
local uuid = require "util.uuid".generate;

local main_muc = module:get_option_string("main_muc");
local breakout_muc = module:get_option_string("breakout_rooms_muc", "breakout." .. module.host);
local main_rooms = {};

local function main_room(breakout_jid)
	local main = main_rooms[breakout_jid];
	return main and prosody.hosts[main_muc].modules.muc.get_room_from_jid(main);
end

local function pre_create(event)
	local main = main_room(event.room.jid);
	if main and main._data.breakout_rooms and main._data.breakout_rooms[event.room.jid] then return; end
	module:log("debug", "Invalid breakout room %s will not be created.", event.room.jid);
	event.room:destroy(nil, "Breakout room is invalid.");
	return true;
end

local function message(event)
	local request = event.stanza:get_child("breakout_rooms");
	if not request or request.attr.type ~= "features/breakout-rooms/add" then return; end
	local room = ${MEETING_OF}(event.origin, main_muc);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant or occupant.role ~= "moderator" then return false; end
	local breakout_jid = jid.join(uuid(), breakout_muc);
	room._data.breakout_rooms = room._data.breakout_rooms or {};
	room._data.breakout_rooms[breakout_jid] = request.attr.subject or "";
	main_rooms[breakout_jid] = room.jid;
	local names = {};
	for name in pairs(room._data.breakout_rooms) do table.insert(names, name); end
	local st = require "util.stanza";
	module:send(st.message({ from = breakout_muc, to = event.stanza.attr.from })
		:text_tag("json-message", require "util.json".encode({ type = "breakout_rooms", rooms = names }),
			{ xmlns = "http://jitsi.org/jitmeet" }));
	return true;
end

local function on_host(host)
	if host ~= breakout_muc then return; end
	local component = module:context(host);
	component:hook("muc-room-pre-create", pre_create);
	component:hook("message/host", message);
end
module:hook_global("host-activated", on_host);
if prosody.hosts[breakout_muc] then on_host(breakout_muc); end
`,
  muc_filter_access: `-- Only accounts of the listed hosts may enter the component's rooms.
local jid_host = require "util.jid".host;
local st = require "util.stanza";

local allowed = module:get_option_set("muc_filter_whitelist", {});

module:hook("muc-occupant-pre-join", function (event)
	if allowed:contains(jid_host(event.stanza.attr.from)) then return; end
	event.origin.send(st.error_reply(event.stanza, "auth", "forbidden"));
	return true;
end, 10);
`,
  muc_hide_all: `-- Rooms cannot be listed.
module:hook("muc-room-pre-create", function (event)
	event.room:set_hidden(true);
end, -1);
`,
  room_metadata_component: `-- Tells whoever enters a room what services there are; the real one also keeps the room's metadata.
local json = require "util.json";
local st = require "util.stanza";

local get_services = module:depends("external_services").get_services;

local function tell(event)
	local services = {};
	for _, service in ipairs(get_services()) do
		table.insert(services, {
			type = service.type, transport = service.transport, host = service.host,
			port = service.port and string.format("%d", service.port),
			username = service.username, password = service.password,
		});
	end
	local message = { type = "room_metadata", metadata = { services = services } };
	module:send(st.message({ from = module.host, to = event.occupant.jid })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet", room = event.room.jid })
		:text(json.encode(message)):up());
end

local rooms = module:get_option_string("muc_component");
local function on_host(host)
	if host == rooms then module:context(host):hook("muc-occupant-joined", tell, -100); end
end
if prosody.hosts[rooms] then on_host(rooms); end
module:hook_global("host-activated", on_host);
`,
  roster_command: `-- prosodyctl mod_roster_command subscribe OWNER CONTACT
local rostermanager = require "core.rostermanager";
local usermanager = require "core.usermanager";
local jid = require "util.jid";

local function subscribe(owner, contact)
	local user, host = jid.split(owner);
	if not user or not prosody.hosts[host] then return; end
	usermanager.initialize_host(host);
	local roster = rostermanager.load_roster(user, host);
	roster[contact] = { subscription = "both", groups = {} };
	rostermanager.save_roster(user, host, roster);
end

function module.command(arg)
	if arg[1] ~= "subscribe" or not arg[3] then
		print("Usage: prosodyctl mod_roster_command subscribe JID JID");
		return 1;
	end
	subscribe(jid.prep(arg[2]), jid.prep(arg[3]));
	subscribe(jid.prep(arg[3]), jid.prep(arg[2]));
	return 0;
end
`,
};
