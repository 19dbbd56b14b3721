-- Closes the WebSockets of participants that no longer answer. Their sessions can be resumed. Loaded on the participants' host.
local build_frame = require "prosody.net.websocket.frames".build;
local destroy_session = require "prosody.core.sessionmanager".destroy_session;
local portmanager = require "prosody.core.portmanager";

module:depends("websocket");
local limits = module:get_option("convoke_silence");
local sessions = module:shared("/*/c2s/sessions");
-- Connections from which convoke_limits does not read for a while.
local paused = module:shared("convoke_limits/paused");

-- Seconds since the last byte, counted by a timer: a busy Prosody, which does not read, does not count them either.
local silent = setmetatable({}, { __mode = "k" });

local listener = portmanager.get_service("c2s").listener;
local onincoming = listener.onincoming;
function listener.onincoming(conn, data)
	silent[conn] = nil;
	return onincoming(conn, data);
end

module:add_timer(1, function ()
	local gone = {};
	for conn, session in pairs(sessions) do
		local waits = paused[conn] and not paused[conn].done;
		if session.websocket_request and session.type == "c2s" and session.host == module.host and not waits then
			silent[conn] = (silent[conn] or 0) + 1;
			if silent[conn] == limits.ping then
				conn:write(build_frame({ opcode = 0x9, FIN = true }));
			elseif silent[conn] >= limits.close then
				gone[conn] = session;
			end
		end
	end
	for conn, session in pairs(gone) do
		session.log("info", "closing a connection that is silent");
		destroy_session(session, "silent");
		conn:close();
		-- It would otherwise stay until all that is left has been sent.
		if conn.conn then
			conn:on("disconnect", "silent");
			conn:destroy();
		end
	end
	return 1;
end);

function module.unload()
	listener.onincoming = onincoming;
end
