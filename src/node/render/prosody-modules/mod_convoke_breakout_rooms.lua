-- Reports whether a breakout room exists and belongs to a meeting. Jicofo may open only those: Prosody would not answer when
-- it joins another. The agent sends the requests over loopback. Loaded on the participants' host.
local jid = require "util.jid";
local formdecode = require "util.http".formdecode;

module:depends("http");

local main_muc = module:get_option_string("main_muc");

local function answer(event)
	local query = formdecode(event.request.url.query or "");
	local muc = type(query) == "table" and prosody.hosts[main_muc] and prosody.hosts[main_muc].modules.muc;
	local meeting = muc and query.meeting and jid.join(query.meeting, main_muc);
	local room = meeting and muc.get_room_from_jid(meeting);
	-- Jitsi's mod_muc_breakout_rooms stores them there, by address.
	local rooms = room and room._data.breakout_rooms;
	return rooms and rooms[query.breakout] ~= nil and "yes" or "no";
end

module:provides("http", {
	name = "convoke";
	default_path = "/convoke";
	route = { ["GET /breakout-room"] = answer };
});
