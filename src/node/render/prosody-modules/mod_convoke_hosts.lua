-- A guest who has not signed in enters a meeting only after a host has: one whose token makes them a moderator. The meeting has
-- started then, and guests may enter until it ends, even while all hosts are away. Jicofo opens the room before the first
-- participant enters, so that the room exists does not mean that the meeting has started. Loaded on the conference
-- component, and on the participants' host, where the agent asks over loopback whether a meeting has started.
local jid = require "util.jid";
local st = require "util.stanza";
local formdecode = require "util.http".formdecode;

local function user_of(event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	return type(user) == "table" and user or {};
end

local function enter(event)
	local stanza = event.stanza;
	if user_of(event).needs_host == nil or event.room._data.convoke_started then return; end
	module:log("info", "a guest has to wait for a host");
	event.origin.send(st.error_reply(stanza, "cancel", "not-allowed", "The meeting has not been started by a host"));
	return true;
end

local function entered(event)
	if tostring(user_of(event).moderator) == "true" then event.room._data.convoke_started = true; end
end

local function answer(event)
	local query = formdecode(event.request.url.query or "");
	local main_muc = module:get_option_string("main_muc");
	local muc = type(query) == "table" and prosody.hosts[main_muc] and prosody.hosts[main_muc].modules.muc;
	local room = muc and query.meeting and muc.get_room_from_jid(jid.join(query.meeting, main_muc));
	return room and room._data.convoke_started and "yes" or "no";
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-pre-join", enter, 50); -- after token_verification (99)
	module:hook("muc-occupant-joined", entered);
else
	module:depends("http");
	module:provides("http", {
		name = "convoke";
		default_path = "/convoke";
		route = { ["GET /started-meeting"] = answer };
	});
end
