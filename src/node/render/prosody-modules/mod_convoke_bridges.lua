-- Bridges are the machines most exposed to participants, and share one account. It is restricted to the brewery: a
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

-- A stream may be for any of Prosody's hosts. Without this, a stolen password of a daemon could be used from the internet.
module:hook("stanza/urn:ietf:params:xml:ns:xmpp-sasl:auth", function (event)
	local session = event.origin;
	if not session.convoke_network then return; end -- only participants' sessions have one
	module:log("warn", "refused a participant's attempt to log in as a daemon");
	session:close({ condition = "not-authorized", text = "Not a host of participants" });
	return true;
end, 1000);

for _, stanza in ipairs({ "iq", "message", "presence" }) do
	for _, kind in ipairs({ "bare", "full", "host" }) do
		module:hook("pre-" .. stanza .. "/" .. kind, refuse, 1000);
	end
end
