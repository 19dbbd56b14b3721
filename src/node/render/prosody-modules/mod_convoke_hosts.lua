-- A guest who has not signed in enters a meeting only after a host has: one whose token makes them a moderator. The meeting has
-- started then, and guests may enter until it ends, even while all hosts are away. Jicofo opens the room before the first
-- participant enters, so that the room exists does not mean that the meeting has started. Loaded on the conference
-- component, and on the participants' host, where the agent asks over loopback whether a meeting has started. With the option
-- "convoke_hostless", a meeting ends if it has had no host for this number of seconds.
local jid = require "util.jid";
local json = require "util.json";
local now = require "util.time".monotonic;
local st = require "util.stanza";
local formdecode = require "util.http".formdecode;

local hostless = module:get_option_number("convoke_hostless");
local CHECK = 5; -- seconds

local function user_of(session)
	local user = session and session.jitsi_meet_context_user;
	return type(user) == "table" and user or {};
end

local function is_host(session)
	return tostring(user_of(session).moderator) == "true";
end

local function enter(event)
	local stanza = event.stanza;
	if user_of(event.origin).needs_host == nil or event.room._data.convoke_started then return; end
	module:log("info", "a guest has to wait for a host");
	event.origin.send(st.error_reply(stanza, "cancel", "not-allowed", "The meeting has not been started by a host"));
	return true;
end

local function room_at(address)
	local host = prosody.hosts[jid.host(address)];
	return host and host.modules.muc and host.modules.muc.get_room_from_jid(address);
end

local function has_host(room)
	for _, occupant in room:each_occupant() do
		for address in occupant:each_session() do
			if is_host(prosody.full_sessions[address]) then return true; end
		end
	end
	return false;
end

-- Also in its breakout rooms, which Jitsi's muc_breakout_rooms lists there.
local function meeting_has_host(room)
	if has_host(room) then return true; end
	for address in pairs(room._data.breakout_rooms or {}) do
		local breakout = room_at(address);
		if breakout and has_host(breakout) then return true; end
	end
	return false;
end

local function in_words()
	local minutes = math.ceil(hostless / 60);
	return minutes == 1 and "a minute" or minutes .. " minutes";
end

-- In the chat, as from the system. Jitsi's mod_muc_system_chat_message has the same format.
local function tell(room, text)
	local content = json.encode({ type = "system_chat_message", message = text });
	for _, occupant in room:each_occupant() do
		for address in occupant:each_session() do
			if prosody.full_sessions[address] then
				room:route_stanza(st.message({ from = room.jid, to = address })
					:text_tag("json-message", content, { xmlns = "http://jitsi.org/jitmeet" }));
			end
		end
	end
end

-- From the moment at which a host has started the meeting until its end.
local function watch(room)
	local since;
	module:add_timer(CHECK, function ()
		if room_at(room.jid) ~= room then return; end
		if meeting_has_host(room) then
			since = nil;
		elseif not since then
			since = now();
			tell(room, ("No host is in this meeting any more. It ends in %s, unless a host returns."):format(in_words()));
		elseif now() - since >= hostless then
			module:log("info", "a meeting without a host ends");
			room:destroy(nil, ("The meeting has ended, because no host was in it for %s."):format(in_words()));
			return;
		end
		return CHECK;
	end);
end

local function entered(event)
	local room = event.room;
	if room._data.convoke_started or not is_host(event.origin) then return; end
	room._data.convoke_started = true;
	if hostless then watch(room); end
end

local function answer(event)
	local query = formdecode(event.request.url.query or "");
	local main_muc = module:get_option_string("main_muc");
	local muc = type(query) == "table" and prosody.hosts[main_muc] and prosody.hosts[main_muc].modules.muc;
	local room = muc and query.meeting and muc.get_room_from_jid(jid.join(query.meeting, main_muc));
	return room and room._data.convoke_started and "yes" or "no";
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-pre-join", enter, 50); -- after token_verification (99)
	module:hook("muc-occupant-joined", entered);
else
	module:depends("http");
	module:provides("http", {
		name = "convoke";
		default_path = "/convoke";
		route = { ["GET /started-meeting"] = answer };
	});
end
