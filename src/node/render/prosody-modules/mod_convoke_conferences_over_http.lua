-- Jicofo opens any room for anybody who is logged in and asks in XMPP. The agent checks requests over HTTP, and the client makes
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
