/** convoke's own folder, next to that of Jitsi's modules. */
export const MODULES_FOLDER = '/etc/convoke/prosody-modules';

/** Prosody modules on every shard, by name. */
export const MODULES: Readonly<Record<string, string>> = {
  convoke_breakout_rooms: `-- Answers whether a breakout room exists and belongs to a meeting: Jicofo may open only those, because Prosody would not
-- answer when it joins any other. The agent asks over loopback. Loaded on the participants' host.
local jid = require "util.jid";
local formdecode = require "util.http".formdecode;

module:depends("http");

local main_muc = module:get_option_string("main_muc");

local function answer(event)
	local query = formdecode(event.request.url.query or "");
	local muc = type(query) == "table" and prosody.hosts[main_muc] and prosody.hosts[main_muc].modules.muc;
	local meeting = muc and query.meeting and jid.join(query.meeting, main_muc);
	local room = meeting and muc.get_room_from_jid(meeting);
	-- Jitsi's mod_muc_breakout_rooms stores them there, by address.
	local rooms = room and room._data.breakout_rooms;
	return rooms and rooms[query.breakout] ~= nil and "yes" or "no";
end

module:provides("http", {
	name = "convoke";
	default_path = "/convoke";
	route = { ["GET /breakout-room"] = answer };
});
`,
  convoke_bridges: `-- Bridges are the machines most exposed to participants, and share one account. It is restricted to the brewery: a
-- compromised bridge cannot join meetings with it. Loaded on the host of Jicofo and bridges.
local jid = require "util.jid";
local st = require "util.stanza";

local bridge = module:get_option_string("convoke_bridge_account");
local rooms = "internal." .. module.host;

local function refuse(event)
	local session, stanza = event.origin, event.stanza;
	if session.type ~= "c2s" or jid.bare(session.full_jid) ~= bridge or not stanza.attr.to then return; end
	local host = jid.host(stanza.attr.to);
	if host == rooms or stanza.attr.to == module.host or jid.bare(stanza.attr.to) == bridge then return; end
	module:log("warn", "refused a stanza of a bridge to %s", host);
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		session.send(st.error_reply(stanza, "auth", "forbidden", "Bridges may only talk to Jicofo"));
	end
	return true;
end

for _, stanza in ipairs({ "iq", "message", "presence" }) do
	for _, kind in ipairs({ "bare", "full", "host" }) do
		module:hook("pre-" .. stanza .. "/" .. kind, refuse, 1000);
	end
end
`,
  convoke_session_room: `-- Jitsi's modules for breakout rooms, A/V moderation, polls, metadata, the lobby and the end of a conference look for a
-- participant's meeting by the room and the tenant in the address of the WebSocket or BOSH request. Rooms have their encoded name
-- in lower case ("gr%c3%b6sse%20eins"), and tenants have "_" for ".". Clients since March 2026 send the decoded name (jitsi/jitsi-meet
-- PR 17108), older ones the encoded one, and nginx the tenant as it is in the path. Without this module nothing happens in rooms whose names have spaces
-- or letters beyond ASCII, or whose tenants have capitals or dots (jitsi/jitsi-meet #12607, #10525). A name that is right already
-- stays as it is. Loaded where participants log in, and where meetings are.
local jid = require "util.jid";
local is_utf8 = require "util.encodings".utf8.valid;

-- Like the client's decodeURIComponent: all of it or nothing.
local function decoded(name)
	if name:gsub("%%%x%x", ""):find("%", 1, true) then return name; end
	local text = name:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)); end);
	return is_utf8(text) and text or name;
end

-- Like the client's encodeURIComponent, in lower case.
local function encoded(text)
	return (text:gsub("[^A-Za-z0-9_.!~*'()-]", function (byte) return ("%%%02x"):format(byte:byte()); end):lower());
end

local function name_meeting(event)
	local session = event.session;
	local room, tenant = session.jitsi_web_query_room, session.jitsi_web_query_prefix;
	if type(room) == "string" then session.jitsi_web_query_room = encoded(decoded(room)); end
	if type(tenant) == "string" then session.jitsi_web_query_prefix = tenant:lower():gsub("%.", "_"); end
end

-- A name with an encoded character in it, such as "50%20off", cannot be told from an encoded one before somebody enters.
local function enter_meeting(event)
	local session = event.origin;
	if not session or session.type ~= "c2s" or not session.jitsi_web_query_room then return; end
	local name = jid.node(event.room.jid);
	local tenant, room = name:match("^%[([^%]]+)%](.+)$");
	session.jitsi_web_query_room, session.jitsi_web_query_prefix = room or name, tenant or "";
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-joined", enter_meeting, 100);
else
	-- After Jitsi's mod_jitsi_session, which takes them from the address.
	module:hook_global("bosh-session", name_meeting, -1);
	module:hook_global("websocket-session", name_meeting, -1);
end
`,
  convoke_conferences_over_http: `-- Jicofo opens any room for anybody who is logged in and asks in XMPP. The agent checks requests over HTTP, and the client makes
-- no others: so none is let through here. Loaded where participants log in.
local st = require "util.stanza";

local function refuse(event)
	local origin, stanza = event.origin, event.stanza;
	if not stanza:get_child("conference", "http://jitsi.org/protocol/focus") then return; end
	origin.send(st.error_reply(stanza, "auth", "forbidden", "Request conferences over HTTP"));
	return true;
end

for _, kind in ipairs({ "bare", "full", "host" }) do
	module:hook("pre-iq/" .. kind, refuse, 100);
end
`,
};

/** Prosody modules for deployments for members, which close gaps of Jitsi's packages. */
export const MEMBERS_MODULES: Readonly<Record<string, string>> = {
  convoke_own_meeting: `-- A token is for one meeting. Its session may talk to that room, its lobby, its breakout rooms and their services, and to
-- nothing else: not to participants of other meetings by their own addresses either. Loaded on the participants' host.
local jid = require "util.jid";
local st = require "util.stanza";

local main_muc = module:get_option_string("main_muc");
local lobby_muc = module:get_option_string("lobby_muc");
local breakout_muc = module:get_option_string("breakout_rooms_muc");
local focus = "focus." .. module.host;
local auth = "auth." .. module.host;

local function is_breakout_of(room_name, breakout)
	local muc = prosody.hosts[main_muc] and prosody.hosts[main_muc].modules.muc;
	local room = muc and muc.get_room_from_jid(jid.join(room_name, main_muc));
	return room and room._data.breakout_rooms and room._data.breakout_rooms[breakout] ~= nil;
end

-- Services have an address without a local part, on one of this deployment's hosts.
local function is_service(host)
	if host == module.host then return true; end
	return host:sub(-#module.host - 1) == "." .. module.host
		and host ~= focus and host ~= auth and host:sub(-#auth - 1) ~= "." .. auth;
end

local function is_own(session, to)
	local name, host = jid.split(to);
	if not host then return false; end
	if not name then return is_service(host); end
	if host == main_muc or host == lobby_muc then return name == session.jitsi_meet_room; end
	if host == breakout_muc then
		return session.jitsi_meet_room and is_breakout_of(session.jitsi_meet_room, jid.join(name, host));
	end
	return jid.bare(to) == jid.bare(session.full_jid);
end

local function refuse(event)
	local session, stanza = event.origin, event.stanza;
	if session.type ~= "c2s" or not stanza.attr.to or is_own(session, stanza.attr.to) then return; end
	module:log("info", "refused a stanza to another meeting");
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" and stanza.attr.type ~= "unavailable" then
		session.send(st.error_reply(stanza, "auth", "forbidden", "The token is for another meeting"));
	end
	return true;
end

for _, stanza in ipairs({ "iq", "message", "presence" }) do
	for _, kind in ipairs({ "bare", "full", "host" }) do
		-- Before Jitsi's modules, one of which rewrites addresses.
		module:hook("pre-" .. stanza .. "/" .. kind, refuse, 1000);
	end
end
`,
  convoke_tokens_unlogged: `-- Jitsi's token_verification logs tokens that it refuses. The first part of a token is JSON, recognisable by its first
-- letters. Loaded on the conference component.
module:depends("token_verification");

local verification = require "core.modulemanager".get_module(module.host, "token_verification").module;
local log = verification.log;

function verification.log(self, level, format, ...)
	local values, count = { ... }, select("#", ...);
	for n = 1, count do
		if type(values[n]) == "string" then values[n] = values[n]:gsub("e[yw][%w_-]*%.[%w_-]+%.[%w_-]+", "(token)"); end
	end
	return log(self, level, format, table.unpack(values, 1, count));
end
`,
  convoke_moderators: `-- Makes participants whose token says so moderators. Loaded on the conference component.
module:hook("muc-occupant-joined", function (event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	if not user or tostring(user.moderator) ~= "true" then return; end
	event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
end, 2);
`,
};

/** Searched by Prosody's Lua before Debian's folders. */
export const LUA_LIBRARIES_FOLDER = '/usr/local/share/lua/5.4';

/**
 * Libraries that Jitsi's token modules need: plain Lua, which Debian 13 installs for other Lua versions than
 * Prosody's.
 */
export const LUA_LIBRARIES = ['basexx', 'inspect'] as const;

/** Loads Debian's library, whichever Lua version it is installed for. */
export const debianLibrary = (
  name: string,
): string => `for _, version in ipairs({ "5.4", "5.3", "5.2", "5.1" }) do
	local library = loadfile("/usr/share/lua/" .. version .. "/${name}.lua")
	if library then return library() end
end
error("Debian's lua-${name} is not installed")
`;
