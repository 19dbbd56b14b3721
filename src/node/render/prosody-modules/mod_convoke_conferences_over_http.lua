-- Jicofo opens any room that a logged-in participant requests over XMPP. The agent checks requests over HTTP, and the client
-- sends no others. So this module refuses them. Loaded on the participants' host.
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
