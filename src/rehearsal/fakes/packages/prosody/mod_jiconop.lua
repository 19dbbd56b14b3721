-- Sends the list of services to participants who log in, like the real module of release 10888. That also sends the host's
-- identity and features, and later ones send no services.
local st = require "util.stanza";

local services = module:depends("external_services");

module:hook("resource-bind", function (event)
	local session = event.session;
	local message = st.message({ from = module.host, to = session.full_jid });
	session.send(message:add_child(services.services_xml(services.get_services())));
end);
