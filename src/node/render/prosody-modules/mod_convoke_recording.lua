-- Who may start and end recordings and streams: the moderators of the meeting, or everybody who is in it. The page shows others
-- no buttons, but anybody can send what the buttons send. The key of a stream is in the request, so that requests are not logged.
-- Loaded on the participants' host, and on that of recorders, who may not.
local filters = require "util.filters";
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

-- The client shows the buttons to participants whose own presence has these permissions. Jitsi's mod_jitsi_permissions gives
-- them to moderators.
local JITSI, MUC_USER = "http://jitsi.org/jitmeet", "http://jabber.org/protocol/muc#user";

local function is_own_of_participant(x)
	local own = false;
	for child in x:childtags() do
		if child.attr.role == "moderator" then return false; end
		own = own or (child.name == "status" and child.attr.code == "110");
	end
	return own;
end

local function with_permissions(stanza, session)
	if stanza.name ~= "presence" or stanza.attr.type or session.host ~= module.host then return stanza; end
	local x = stanza:get_child("x", MUC_USER);
	if not x or not is_own_of_participant(x) or stanza:get_child("permissions", JITSI) then return stanza; end
	return st.clone(stanza):tag("permissions", { xmlns = JITSI })
		:tag("p", { name = "recording", val = "true" }):up()
		:tag("p", { name = "livestreaming", val = "true" }):up():reset();
end

local function on_session(session)
	filters.add_filter(session, "stanzas/out", with_permissions, -3); -- after mod_jitsi_permissions (-2)
end

if by_everyone then filters.add_filter_hook(on_session); end

function module.unload()
	filters.remove_filter_hook(on_session);
end
