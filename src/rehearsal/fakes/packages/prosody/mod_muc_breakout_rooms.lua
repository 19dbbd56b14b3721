-- Moderators open rooms within a meeting, with names that Prosody chooses. Requests for any other room are not answered.
-- Participants enter them from the meeting.
local jid = require "util.jid";
local st = require "util.stanza";
local uuid = require "util.uuid".generate;

local meeting_of = module:require "meeting".meeting_of;
local main_muc = module:get_option_string("main_muc");
local breakout_muc = module:get_option_string("breakout_rooms_muc", "breakout." .. module.host);
local main_rooms = {};

local function main_room(breakout_jid)
	local main = main_rooms[breakout_jid];
	return main and prosody.hosts[main_muc].modules.muc.get_room_from_jid(main);
end

local function pre_create(event)
	local main = main_room(event.room.jid);
	if main and main._data.breakout_rooms and main._data.breakout_rooms[event.room.jid] then return; end
	module:log("debug", "Invalid breakout room %s will not be created.", event.room.jid);
	event.room:destroy(nil, "Breakout room is invalid.");
	return true;
end

local function message(event)
	local request = event.stanza:get_child("breakout_rooms");
	if not request or request.attr.type ~= "features/breakout-rooms/add" then return; end
	local room = meeting_of(event.origin, main_muc);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant or occupant.role ~= "moderator" then return false; end
	local breakout_jid = jid.join(uuid(), breakout_muc);
	room._data.breakout_rooms = room._data.breakout_rooms or {};
	room._data.breakout_rooms[breakout_jid] = request.attr.subject or "";
	main_rooms[breakout_jid] = room.jid;
	local names = {};
	for name in pairs(room._data.breakout_rooms) do table.insert(names, name); end
	module:send(st.message({ from = breakout_muc, to = event.stanza.attr.from })
		:text_tag("json-message", require "util.json".encode({ type = "breakout_rooms", rooms = names }),
			{ xmlns = "http://jitsi.org/jitmeet" }));
	return true;
end

local function pre_join(event)
	local session, stanza = event.origin, event.stanza;
	local main = main_room(event.room.jid);
	if jid.host(stanza.attr.from) == "auth." .. module.host then return; end
	if main and session.jitsi_breakout_main_jid == main.jid then return; end
	session.send(st.error_reply(stanza, "cancel", "not-allowed"));
	return true;
end

local function joined(event)
	if event.origin then event.origin.jitsi_breakout_main_jid = event.room.jid; end
end

local function on_host(host)
	if host == main_muc then module:context(host):hook("muc-occupant-joined", joined); end
	if host ~= breakout_muc then return; end
	local component = module:context(host);
	component:hook("muc-occupant-pre-join", pre_join);
	component:hook("muc-room-pre-create", pre_create);
	component:hook("message/host", message);
end
module:hook_global("host-activated", on_host);
for _, host in ipairs({ main_muc, breakout_muc }) do
	if prosody.hosts[host] then on_host(host); end
end
