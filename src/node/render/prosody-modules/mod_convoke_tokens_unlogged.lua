-- Jitsi's token_verification logs tokens that it refuses. The first part of a token is JSON, recognisable by its first
-- letters. Loaded on the conference component.
module:depends("token_verification");

local verification = require "core.modulemanager".get_module(module.host, "token_verification").module;
local log = verification.log;

function verification.log(self, level, format, ...)
	local values, count = { ... }, select("#", ...);
	for n = 1, count do
		if type(values[n]) == "string" then values[n] = values[n]:gsub("e[yw][%w_-]*%.[%w_-]+%.[%w_-]+", "(token)"); end
	end
	return log(self, level, format, table.unpack(values, 1, count));
end
