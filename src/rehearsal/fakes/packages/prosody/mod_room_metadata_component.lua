-- Sends the list of services to participants who join a room. The real module also stores the room's metadata.
local json = require "util.json";
local st = require "util.stanza";

local get_services = module:depends("external_services").get_services;

local function tell(event)
	local services = {};
	for _, service in ipairs(get_services()) do
		table.insert(services, {
			type = service.type, transport = service.transport, host = service.host,
			port = service.port and string.format("%d", service.port),
			username = service.username, password = service.password,
		});
	end
	local message = { type = "room_metadata", metadata = { services = services } };
	module:send(st.message({ from = module.host, to = event.occupant.jid })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet", room = event.room.jid })
		:text(json.encode(message)):up());
end

local rooms = module:get_option_string("muc_component");
local function on_host(host)
	if host == rooms then module:context(host):hook("muc-occupant-joined", tell, -100); end
end
if prosody.hosts[rooms] then on_host(rooms); end
module:hook_global("host-activated", on_host);
