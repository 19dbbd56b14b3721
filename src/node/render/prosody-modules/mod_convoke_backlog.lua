-- Limits what Prosody keeps for participants until they have received it. A client that does not read, acknowledge or poll could
-- otherwise fill Prosody's memory with what others say in its meeting. Those with the most are disconnected first: clients that
-- read have next to nothing. Loaded on the participants' host.
local http_events = require "prosody.net.http.server"._events;

module:depends("bosh");
module:depends("websocket");
local c2s_sessions = module:shared("/*/c2s/sessions");
local bosh_sessions = module:shared("/*/bosh/sessions");
local full_sessions = prosody.full_sessions;

local limits = module:get_option("convoke_backlog");

-- Connections of BOSH requests, whose responses may not have been read yet.
local bosh_connections = setmetatable({}, { __mode = "k" });
module:hook_object_event(http_events, ("POST %s/http-bind"):format(module.host), function (event)
	if event.response.conn then bosh_connections[event.response.conn] = true; end
end, 1000);

local function unwritten(conn)
	return conn.writebuffer and #conn.writebuffer or 0;
end

local function unacknowledged(session)
	local queue = session.outgoing_stanza_queue;
	return queue and math.min(queue:count_unacked(), limits.queue) * limits.stanza or 0;
end

local function disconnect(conn)
	-- Closed connections first send what is left.
	if not conn.conn then return; end
	conn:on("disconnect", "too much to send");
	conn:destroy();
end

local function close(session, conn)
	module:log("info", "closing a session that does not receive what it is sent");
	if not session.destroyed then
		session:close({ condition = "resource-constraint", text = "Too much to send" });
	end
	if conn then disconnect(conn); end
end

-- Prosody returns an error for every stanza that a session had not acknowledged when it ended, all at once: to rooms, which do
-- nothing with errors for what they sent to everybody. Senders of requests wait for an answer.
module:hook("delivery/failure", function (event)
	return event.stanza.name ~= "iq" or nil;
end, 1000);

-- Bytes that are kept, with the function that frees them.
local function backlogs()
	local found, seen = {}, {};
	local function add(bytes, free, ...)
		if bytes > 0 then found[#found + 1] = { bytes = bytes, free = free, ... }; end
	end
	for conn, session in pairs(c2s_sessions) do
		if session.websocket_request then
			seen[session] = true;
			add(unwritten(conn) + unacknowledged(session), close, session, conn);
		end
	end
	for _, session in pairs(full_sessions) do -- without a connection
		if session.websocket_request and not seen[session] then add(unacknowledged(session), close, session); end
	end
	for _, session in pairs(bosh_sessions) do
		local bytes = 0;
		for _, stanza in ipairs(session.send_buffer) do bytes = bytes + #stanza; end
		-- Kept for clients that ask for them again.
		for _, response in pairs(session.bosh_responses) do bytes = bytes + #response; end
		add(bytes, close, session);
	end
	for conn in pairs(bosh_connections) do add(unwritten(conn), disconnect, conn); end
	return found;
end

module:add_timer(1, function ()
	local all, total = backlogs(), 0;
	for _, backlog in ipairs(all) do total = total + backlog.bytes; end
	if total > limits.total then
		table.sort(all, function (one, other) return one.bytes > other.bytes; end);
	end
	for _, backlog in ipairs(all) do
		if backlog.bytes > limits.session or total > limits.total then
			total = total - backlog.bytes;
			backlog.free(table.unpack(backlog));
		end
	end
	return 1;
end);
