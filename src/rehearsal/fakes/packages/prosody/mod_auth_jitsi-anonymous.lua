-- Everybody may log in, with a name that Prosody chooses. A client that resumes a session keeps its name.
module:depends("jitsi_session");
local new_sasl = require "util.sasl".new;
local uuid = require "util.uuid";

local provider = {};

function provider.get_sasl_handler(session)
	local handler = new_sasl(module.host, { anonymous = function () return true; end });
	local process = handler.process;
	function handler:process(message)
		local status = process(self, message);
		-- Clients make their name in rooms of it.
		if self.username then self.username = uuid.generate(); end
		for _, other in pairs(prosody.full_sessions) do
			if session.previd and other.resumption_token == session.previd then self.username = other.username; end
		end
		return status;
	end
	return handler;
end

function provider.users()
	return function () return nil; end
end

module:provides("auth", provider);
