-- Only accounts of the listed hosts may enter the component's rooms.
local jid_host = require "util.jid".host;
local st = require "util.stanza";

local allowed = module:get_option_set("muc_filter_whitelist", {});

module:hook("muc-occupant-pre-join", function (event)
	if allowed:contains(jid_host(event.stanza.attr.from)) then return; end
	event.origin.send(st.error_reply(event.stanza, "auth", "forbidden"));
	return true;
end, 10);
