-- The meeting that a participant's session belongs to: like the real modules, by the room and the tenant in the URL of the
-- WebSocket or BOSH request.
local jid = require "util.jid";

local function meeting_of(session, main_muc)
	if not session.jitsi_web_query_room then return; end
	local tenant = session.jitsi_web_query_prefix;
	local name = (tenant ~= "" and "[" .. tenant .. "]" or "") .. session.jitsi_web_query_room;
	return prosody.hosts[main_muc].modules.muc.get_room_from_jid(jid.join(name, main_muc));
end

return { meeting_of = meeting_of };
