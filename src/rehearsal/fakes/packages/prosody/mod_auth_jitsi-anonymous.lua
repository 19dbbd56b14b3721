-- Everybody may log in, with a name that Prosody chooses.
module:depends("jitsi_session");
local new_sasl = require "util.sasl".new;

local provider = {};

function provider.get_sasl_handler()
	return new_sasl(module.host, { anonymous = function () return true; end });
end

function provider.users()
	return function () return nil; end
end

module:provides("auth", provider);
