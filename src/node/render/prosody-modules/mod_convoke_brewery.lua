-- Reports the number of bridges in the brewery. The agent compares it with the number that Jicofo knows, because Jicofo may
-- not join the brewery again after its connection broke. The agent sends the requests over loopback. Loaded on the
-- participants' host, at which Prosody answers requests for other names.
local jid = require "util.jid";

module:depends("http");

local bridge = module:get_option_string("convoke_bridge_account");
local brewery = module:get_option_string("convoke_brewery");

local function answer()
	local component = prosody.hosts[jid.host(brewery)];
	local muc = component and component.modules.muc;
	local room = muc and muc.get_room_from_jid(brewery);
	local bridges = 0;
	if room then
		for _, occupant in room:each_occupant() do
			if occupant.bare_jid == bridge then bridges = bridges + 1; end
		end
	end
	return tostring(bridges);
end

module:provides("http", {
	name = "convoke";
	default_path = "/convoke";
	route = { ["GET /brewery"] = answer };
});
