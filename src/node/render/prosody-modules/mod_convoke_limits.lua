-- Limits of a participant's use of Prosody. Loaded on the participants' host: it does not affect daemons, which use another port.
local cache = require "prosody.util.cache";
local filters = require "prosody.util.filters";
local http_server = require "prosody.net.http.server";
local http_events = http_server._events;
local jid_split = require "prosody.util.jid".split;
local portmanager = require "prosody.core.portmanager";
local st = require "prosody.util.stanza";
local throttle = require "prosody.util.throttle";
local monotonic = require "prosody.util.time".monotonic;

module:depends("bosh");
module:depends("websocket");
local c2s_sessions = module:shared("/*/c2s/sessions");
local bosh_sessions = module:shared("/*/bosh/sessions");
local hosts, full_sessions = prosody.hosts, prosody.full_sessions;

local limits = module:get_option("convoke_limits");
-- Prosody's names of headers are in lower case, with underscores.
local network_header = module:get_option_string("convoke_network_header"):lower():gsub("-", "_");

http_server.set_option("head_size_limit", limits.head);

-- Prosody's time. While it is scarce, networks that use much of it wait, and others do not. Balances may become negative: the
-- cost of work is known only afterwards.
local PERIOD = 0.2;
local total = throttle.create(limits.busy * PERIOD, PERIOD);
-- A network that is forgotten loses its debt, which it would have paid within seconds.
local networks = cache.new(2000);

local function usage(network)
	local found = networks:get(network);
	if not found then
		found = throttle.create(limits.share * PERIOD, PERIOD);
		networks:set(network, found);
	end
	return found;
end

local function has_to_wait(network)
	return total:update() < 0 and usage(network):update() < 0;
end

-- Logs at most once a minute per network.
local logged = cache.new(1000);
local function warn_once(network, what)
	local now = monotonic();
	if now - (logged:get(network) or -60) < 60 then return; end
	logged:set(network, now);
	module:log("warn", "%s %s", network, what);
end

local function charged(network, work, ...)
	local started = monotonic();
	local result = work(...);
	local cost = monotonic() - started;
	for _, account in ipairs { total, usage(network) } do
		account:update();
		account.balance = account.balance - cost;
	end
	return result;
end

-- Queued work, in order of arrival.
local waiting, timer = {}, nil;
local function run_waiting()
	local rest = {};
	for _, item in ipairs(waiting) do
		if not item.conn.conn then -- closed
			item.done = true;
		elseif has_to_wait(item.network) then
			rest[#rest + 1] = item;
		else
			item.done = true;
			-- An error must not stop the others.
			local ok, err = xpcall(item.work, debug.traceback);
			if not ok then module:log("error", "%s", err); end
		end
	end
	waiting = rest;
	if #rest > 0 then return 0.05; end
	timer = nil;
end

local function wait(network, conn, work)
	local item = { network = network, conn = conn, work = work };
	waiting[#waiting + 1] = item;
	timer = timer or module:add_timer(0.05, run_waiting);
	warn_once(network, "uses too much of Prosody's time and has to wait");
	return item;
end

-- WebSocket: one read of at most 8 KB is charged at a time, and reading pauses meanwhile.
local listener = portmanager.get_service("c2s").listener;
local onincoming = listener.onincoming;
local paused = setmetatable(module:shared("paused"), { __mode = "k" });

function listener.onincoming(conn, data)
	local session = c2s_sessions[conn];
	local network = session and session.convoke_network;
	if not network then return onincoming(conn, data); end
	local before = paused[conn];
	if before and not before.done then
		before.data = before.data .. data;
	elseif has_to_wait(network) then
		conn:pause();
		local item;
		item = wait(network, conn, function ()
			conn:resume();
			charged(network, onincoming, conn, item.data);
		end);
		item.data = data;
		paused[conn] = item;
	else
		charged(network, onincoming, conn, data);
	end
end

-- Number of sessions of a network, including disconnected ones that may resume. Counted once a second.
local counted, counts = 0, nil;
local function sessions_of(network)
	local now = monotonic();
	if not counts or now - counted > 1 then
		counted, counts = now, {};
		local seen = {};
		for _, all in ipairs { full_sessions, c2s_sessions, bosh_sessions } do
			for _, session in pairs(all) do
				local of = session.convoke_network;
				if of and not seen[session] and not session.destroyed then
					seen[session] = true;
					local count = counts[of] or { all = 0, before_login = 0 };
					counts[of] = count;
					count.all = count.all + 1;
					if session.type == "c2s_unauthed" then count.before_login = count.before_login + 1; end
				end
			end
		end
	end
	counts[network] = counts[network] or { all = 0, before_login = 0 };
	return counts[network];
end

local function is_full(network)
	local count = sessions_of(network);
	if count.all < limits.sessions and count.before_login < limits.sessions_before_login then return false; end
	warn_once(network, "has too many sessions");
	return true;
end

-- HTTP status with which a request is refused; nil if it is acceptable. A new session has no sid.
local function refused(request, network)
	if request.method == "GET" then
		return request.headers.sec_websocket_key and is_full(network) and 503 or nil;
	end
	local body = request.body or "";
	local sid = body:sub(1, 2000):match("^<body[^>]-%ssid=['\"]([^'\"]+)");
	local session = sid and bosh_sessions[sid];
	local is_in = session and session.type == "c2s";
	if #body > (is_in and limits.stanza or limits.stanza_before_login) then return 413; end
	-- Each element has one or two tags.
	local tags = select(2, body:gsub("<", "<"));
	if tags > 2 * (is_in and limits.elements or limits.elements_before_login) then return 413; end
	return not session and is_full(network) and 503 or nil;
end

-- HTTP requests wait as a whole.
local function guarded(handlers, name, event)
	local request, response = event.request, event.response;
	local network = request.headers[network_header];
	-- The edge names every participant's network. Requests without one are edges' health checks of the shard: if they
	-- had to wait, a busy shard would count as dead.
	if not network then return handlers(name, event); end
	local status = refused(request, network);
	if status then return status; end
	if not has_to_wait(network) then return charged(network, handlers, name, event); end
	wait(network, response.conn, function ()
		local result = charged(network, handlers, name, event);
		if type(result) == "string" then
			response:send(result);
		elseif result ~= true and not response.finished then
			response.status_code = type(result) == "number" and result or 404;
			response:send();
		end
	end);
	return true;
end

for _, name in ipairs { "POST %s/http-bind", "GET %s/http-bind", "GET %s/xmpp-websocket" } do
	module:wrap_object_event(http_events, name:format(module.host), guarded);
end

-- Depth and bytes of a stanza. Levels beyond the allowed depth are not measured.
local function measure(stanza, level)
	local depth, size = level, #stanza.name;
	for name, value in pairs(stanza.attr) do size = size + #name + #value; end
	for _, child in ipairs(stanza) do
		if type(child) == "string" then
			size = size + #child;
		elseif level <= limits.depth then
			local below, bytes = measure(child, level + 1);
			depth, size = math.max(depth, below), size + bytes;
		end
	end
	return depth, size;
end

-- Participants may send to rooms and services, but not to accounts of other participants or daemons.
local function is_account_of_others(session, to)
	local node, host = jid_split(to);
	local there = hosts[host];
	if not there or there.type ~= "local" then return false; end
	return host ~= session.host or (node ~= nil and node ~= session.username);
end

-- Jitsi's modules store display names, and send them to all participants.
local NICK = "http://jabber.org/protocol/nick";

-- A roster would outlast its owner's session, and a subscription would be stored in a daemon's roster, on disk.
local SUBSCRIPTION = { subscribe = true, subscribed = true, unsubscribe = true, unsubscribed = true, probe = true };
local function is_kept(stanza)
	if stanza.name == "presence" then return SUBSCRIPTION[stanza.attr.type]; end
	return stanza.attr.type == "set" and stanza:get_child("query", "jabber:iq:roster") ~= nil;
end

-- Prosody keeps the addresses to which a session has sent presence, and sends all of them the end of the session, in one step.
local function is_one_address_too_many(session, to)
	local kept, count = session.directed, 0;
	if not kept or kept[to] then return false; end
	for _ in pairs(kept) do count = count + 1; end
	return count >= limits.addresses;
end

local function answer(session, stanza, ...)
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		session.send(st.error_reply(stanza, ...));
	end
end

local function check(stanza, session)
	if session.type ~= "c2s" then return stanza; end
	local depth, size = measure(stanza, 1);
	if depth > limits.depth then
		session:close({ condition = "policy-violation", text = "Stanza nested too deeply" });
		return nil;
	end
	local name, kind, to = stanza.name, stanza.attr.type, stanza.attr.to;
	if name ~= "iq" and name ~= "message" and name ~= "presence" then return stanza; end
	if name == "presence" and kind == "unavailable" then return stanza; end
	if name ~= "iq" and size > limits.copied then
		answer(session, stanza, "modify", "policy-violation", "Too large for all participants");
	elseif name == "presence" and #(stanza:get_child_text("nick", NICK) or "") > limits.display_name then
		answer(session, stanza, "modify", "policy-violation", "Too long a name");
	elseif name == "presence" and to and is_one_address_too_many(session, to) then
		answer(session, stanza, "wait", "resource-constraint", "Present at too many addresses");
	elseif is_kept(stanza) or (to and is_account_of_others(session, to)) then
		answer(session, stanza, "cancel", "service-unavailable");
	elseif not session.convoke_bytes:poll(math.max(size, 250)) then
		warn_once(session.convoke_network, "has a participant that sends too much");
		answer(session, stanza, "wait", "resource-constraint");
	else
		return stanza;
	end
	return nil;
end

-- What Prosody is about to parse of a WebSocket, in one step: the text of at least one frame. Its own limit before login applies
-- only to a stanza in several frames, and every one of them is parsed whole.
local function check_text(text, session)
	local is_in = session.type ~= "c2s_unauthed";
	local tags = select(2, text:gsub("<", "<"));
	if (is_in or #text <= limits.stanza_before_login)
		and tags <= 2 * (is_in and limits.elements or limits.elements_before_login) then
		return text;
	end
	session:close({ condition = "policy-violation", text = "Too large" });
	return nil;
end

local function begin(event)
	local session, request = event.session, event.request;
	local network = request.headers[network_header] or session.ip;
	session.convoke_network = network;
	session.convoke_bytes = throttle.create(limits.bytes_per_second * 8, 8);
	local count = sessions_of(network);
	count.all, count.before_login = count.all + 1, count.before_login + 1;
	filters.add_filter(session, "stanzas/in", check, 100);
end

-- Prosody's own limit of the time for login is for WebSockets only.
module:hook_global("bosh-session", function (event)
	local session = event.session;
	module:add_timer(limits.login, function ()
		if session.type == "c2s_unauthed" and not session.destroyed then session:close("connection-timeout"); end
	end);
end);

module:hook_global("bosh-session", begin);
module:hook_global("websocket-session", begin);
module:hook_global("websocket-session", function (event)
	filters.add_filter(event.session, "bytes/in", check_text, -100); -- after the WebSocket's own
end);

module:hook("authentication-success", function (event)
	local network = event.session.convoke_network;
	if not network then return; end
	local count = sessions_of(network);
	count.before_login = count.before_login - 1;
end);

function module.unload()
	listener.onincoming = onincoming;
end
