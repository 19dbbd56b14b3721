-- Jitsi's modules for breakout rooms, A/V moderation, polls, metadata, the lobby and the end of a conference find a
-- participant's meeting by the room and the tenant in the URL of the WebSocket or BOSH request. Prosody's rooms have the
-- encoded name in lower case ("gr%c3%b6sse%20eins"), and tenants have "_" instead of ".". Clients since March 2026 send the
-- decoded name (jitsi/jitsi-meet PR 17108), older ones the encoded one, and nginx sends the tenant as it is in the path.
-- Without this module those features do nothing in rooms whose names have spaces or non-ASCII letters, or whose tenants have
-- capitals or dots (jitsi/jitsi-meet #12607, #10525). Names that are already right do not change. Loaded on the
-- participants' host and on the conference component.
local jid = require "util.jid";
local is_utf8 = require "util.encodings".utf8.valid;

-- Like the client's decodeURIComponent: all of it or nothing.
local function decoded(name)
	if name:gsub("%%%x%x", ""):find("%", 1, true) then return name; end
	local text = name:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)); end);
	return is_utf8(text) and text or name;
end

-- Like the client's encodeURIComponent, in lower case.
local function encoded(text)
	return (text:gsub("[^A-Za-z0-9_.!~*'()-]", function (byte) return ("%%%02x"):format(byte:byte()); end):lower());
end

local function name_meeting(event)
	local session = event.session;
	local room, tenant = session.jitsi_web_query_room, session.jitsi_web_query_prefix;
	if type(room) == "string" then session.jitsi_web_query_room = encoded(decoded(room)); end
	if type(tenant) == "string" then session.jitsi_web_query_prefix = tenant:lower():gsub("%.", "_"); end
end

-- A name with an encoded character in it, such as "50%20off", cannot be distinguished from an encoded one before a
-- participant enters.
local function enter_meeting(event)
	local session = event.origin;
	if not session or session.type ~= "c2s" or not session.jitsi_web_query_room then return; end
	local name = jid.node(event.room.jid);
	local tenant, room = name:match("^%[([^%]]+)%](.+)$");
	session.jitsi_web_query_room, session.jitsi_web_query_prefix = room or name, tenant or "";
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-joined", enter_meeting, 100);
else
	-- After Jitsi's mod_jitsi_session, which takes them from the address.
	module:hook_global("bosh-session", name_meeting, -1);
	module:hook_global("websocket-session", name_meeting, -1);
end
