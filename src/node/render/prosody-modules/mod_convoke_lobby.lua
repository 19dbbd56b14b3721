-- Each meeting has a lobby from the moment at which somebody is in it who can let others in: moderators by their token, or,
-- without tokens, the first participant, whom Jicofo makes a moderator. Jitsi's lobby would hold them if it existed before.
-- Who is in the meeting by then stays, and moderators may switch the lobby off. Loaded on the conference component.
local jid = require "util.jid";

local participants = module:get_option_string("muc_mapper_domain_base");
local by_everyone = module:get_option_string("convoke_lobby_opened_by") == "everyone";

local function may_open(event)
	if jid.host(event.occupant.bare_jid) ~= participants then return false; end
	local user = event.origin and event.origin.jitsi_meet_context_user;
	return by_everyone or (type(user) == "table" and tostring(user.moderator) == "true");
end

-- Participants with which convoke tries a meeting let nobody in.
local function is_probe(room)
	return jid.node(room.jid):find("^convoke%-probe%-%x+$") ~= nil;
end

module:hook("muc-occupant-joined", function (event)
	local room = event.room;
	if room._data.convoke_lobby or is_probe(room) or not may_open(event) then return; end
	room._data.convoke_lobby = true;
	-- Jitsi's muc_lobby_rooms, which makes everybody a member who is in the meeting.
	prosody.events.fire_event("create-lobby-room", { room = room });
	if room.jitsiMetadata then module:fire_event("room-metadata-changed", { room = room }); end
end);
