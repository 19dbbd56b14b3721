-- A token opens only the room that it names, in the domain that it names.
local jid = require "util.jid";
local st = require "util.stanza";

local parent = module.host:match("^[^.]+%.(.+)$");

local allowlist = module:get_option_set("token_verification_allowlist", {});

local function refuse(event)
	local session, stanza = event.origin, event.stanza;
	-- Jicofo and the bridges have passwords, not tokens.
	local host = jid.host(stanza.attr.from);
	if host == "auth." .. parent or allowlist:contains(host) then return; end
	local room, domain = session.jitsi_meet_room, session.jitsi_meet_domain;
	local meant = room and domain and jid.join(room:lower(), "conference." .. domain:lower());
	if meant and meant == jid.bare(stanza.attr.to) then return; end
	module:log("error", "Token %s not allowed to join: %s", tostring(session.auth_token), tostring(stanza.attr.to));
	session.send(st.error_reply(stanza, "cancel", "not-allowed", "Room and token mismatched"));
	return true;
end

module:hook("muc-room-pre-create", refuse, 99);
module:hook("muc-occupant-pre-join", refuse, 99);
