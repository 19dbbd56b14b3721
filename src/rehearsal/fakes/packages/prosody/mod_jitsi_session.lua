-- Stores the parameters in the URL of a WebSocket or BOSH request.
module:set_global();
local formdecode = require "util.http".formdecode;

local function keep(event)
	local session, query = event.session, event.request.url.query;
	local params = query and formdecode(query);
	if type(params) ~= "table" then return; end
	session.jitsi_web_query_room, session.jitsi_web_query_prefix = params.room, params.prefix or "";
	session.auth_token, session.previd = params.token, params.previd;
end

module:hook_global("bosh-session", keep, 1);
module:hook_global("websocket-session", keep, 1);
