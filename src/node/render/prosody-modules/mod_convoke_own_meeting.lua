-- A token is for one meeting. Its session may send to that room, its lobby, its breakout rooms and their services, and
-- nowhere else, not even to the addresses of participants of other meetings. Loaded on the participants' host.
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

-- When a stream is resumed, Jitsi's mod_auth_token replaces the note that its session has entered the meeting by the new
-- stream's, which has none. Breakout rooms would then refuse it (jitsi/jitsi-meet PR 17708).
module:hook_global("c2s-session-updated", function (event)
	event.from_session.jitsi_breakout_main_jid = event.session.jitsi_breakout_main_jid;
end, 2); -- before mod_auth_token (1)

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
