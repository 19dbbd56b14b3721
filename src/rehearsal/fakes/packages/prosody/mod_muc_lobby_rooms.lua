-- Another module can give a meeting a lobby. Then only members enter it, and others are told the address of the lobby.
local jid = require "util.jid";
local st = require "util.stanza";

local main_muc = module:get_option_string("main_muc");
local lobby_muc = module:get_option_string("lobby_muc");

local function rooms_of(host) return prosody.hosts[host].modules.muc; end

module:hook_global("create-lobby-room", function (event)
	local room = event.room;
	for _, occupant in room:each_occupant() do
		local affiliation = room:get_affiliation(occupant.bare_jid);
		if affiliation ~= "owner" and affiliation ~= "admin" then room:set_affiliation(true, occupant.bare_jid, "member"); end
	end
	room:set_members_only(true);
	room._data.lobbyroom = jid.join(jid.node(room.jid), lobby_muc);
	rooms_of(lobby_muc).create_room(room._data.lobbyroom):set_persistent(true);
end);

local function pre_join(event)
	local room, stanza = event.room, event.stanza;
	local affiliation = room:get_affiliation(stanza.attr.from);
	if not room:get_members_only() or (affiliation and affiliation ~= "none") then return; end
	event.origin.send(st.error_reply(stanza, "auth", "registration-required")
		:text_tag("lobbyroom", room._data.lobbyroom, { xmlns = "http://jitsi.org/jitmeet" }));
	return true;
end

local function destroyed(event)
	local lobby = event.room._data.lobbyroom and rooms_of(lobby_muc).get_room_from_jid(event.room._data.lobbyroom);
	if not lobby then return; end
	lobby:set_persistent(false);
	lobby:destroy();
end

local function on_host(host)
	if host ~= main_muc then return; end
	module:context(host):hook("muc-occupant-pre-join", pre_join, -4);
	module:context(host):hook("muc-room-destroyed", destroyed, 1);
end
module:hook_global("host-activated", on_host);
if prosody.hosts[main_muc] then on_host(main_muc); end
