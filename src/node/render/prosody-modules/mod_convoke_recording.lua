-- Who may start and end recordings and streams: the moderators of the meeting, or everybody who is in it. The page shows others
-- no buttons, but anybody can send what the buttons send. The key of a stream is in the request, so that requests are not logged.
-- Loaded on the participants' host, and on that of recorders, who may not.
local jid = require "util.jid";
local st = require "util.stanza";

local JIBRI = "http://jitsi.org/protocol/jibri";
local main_muc = module:get_option_string("main_muc");
local by_everyone = module:get_option_string("convoke_recorded_by") == "everyone";

local function may_record(session, to)
	if jid.host(to) ~= main_muc then return false; end
	local room = prosody.hosts[main_muc].modules.muc.get_room_from_jid(jid.bare(to));
	local occupant = room and room:get_occupant_by_real_jid(session.full_jid);
	return occupant ~= nil and (by_everyone or occupant.role == "moderator");
end

local function check(event)
	local session, stanza = event.origin, event.stanza;
	if session.type ~= "c2s" or not stanza:get_child("jibri", JIBRI) or may_record(session, stanza.attr.to) then return; end
	module:log("info", "refused a request to record");
	if stanza.attr.type == "set" or stanza.attr.type == "get" then
		session.send(st.error_reply(stanza, "auth", "forbidden", "Not allowed to record this meeting"));
	end
	return true;
end

for _, kind in ipairs({ "bare", "full", "host" }) do
	-- After Jitsi's muc_domain_mapper, which rewrites addresses with a tenant.
	module:hook("pre-iq/" .. kind, check, -1);
end
