-- Moderators open rooms within a meeting, with names that Prosody chooses. Requests for any other room are not answered.
local jid = require "util.jid";
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
	local st = require "util.stanza";
	module:send(st.message({ from = breakout_muc, to = event.stanza.attr.from })
		:text_tag("json-message", require "util.json".encode({ type = "breakout_rooms", rooms = names }),
			{ xmlns = "http://jitsi.org/jitmeet" }));
	return true;
end

local function on_host(host)
	if host ~= breakout_muc then return; end
	local component = module:context(host);
	component:hook("muc-room-pre-create", pre_create);
	component:hook("message/host", message);
end
module:hook_global("host-activated", on_host);
if prosody.hosts[breakout_muc] then on_host(breakout_muc); end
