-- Bridges and recorders are the machines most exposed to participants, and those of one kind share an account. Each account is
-- restricted to the room in which they announce themselves to Jicofo, their brewery: a compromised bridge can neither join
-- meetings with it nor pretend to be a recorder. Loaded on the host of Jicofo, bridges and recorders.
local jid = require "util.jid";
local st = require "util.stanza";

-- By account.
local breweries = module:get_option("convoke_breweries");
local rooms = "internal." .. module.host;

local function refuse(event)
	local session, stanza = event.origin, event.stanza;
	local to = stanza.attr.to;
	local own = session.type == "c2s" and jid.bare(session.full_jid);
	local brewery = own and breweries[own];
	if not brewery or not to then return; end
	local bare = jid.bare(to);
	if to == rooms or to == module.host or bare == own or bare == brewery then return; end
	module:log("warn", "refused a stanza of %s to %s", jid.node(own), jid.host(to));
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		session.send(st.error_reply(stanza, "auth", "forbidden", "This account may only talk to Jicofo"));
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
