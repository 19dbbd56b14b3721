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

for _, stanza in ipairs({ "iq", "message", "presence" }) do
	for _, kind in ipairs({ "bare", "full", "host" }) do
		module:hook("pre-" .. stanza .. "/" .. kind, refuse, 1000);
	end
end
