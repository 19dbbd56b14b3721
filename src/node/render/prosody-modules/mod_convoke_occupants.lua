-- A participant's name in a room is the id of their endpoint in Jicofo, the bridge and the clients. Clients make it of 8
-- hexadecimal digits. Other names are refused: clients take a participant called "focus" for Jicofo (jitsi/lib-jitsi-meet,
-- strophe.jingle.js), Jitsi's modules one whose name ends with "/focus", and a name such as "constructor" is a property of any
-- object of a client. And nobody removes Jicofo from a meeting: it would not notice, and the meeting's name would lead nowhere
-- until Jicofo restarts. Loaded on the components of meetings, breakout rooms and lobbies.
local jid = require "util.jid";
local st = require "util.stanza";

local participants = module:get_option_string("muc_mapper_domain_base");
local focus = module:get_option_string("convoke_focus_account");

local function is_name(name)
	return name ~= nil and name:find("^%x%x%x%x%x%x%x%x$") ~= nil;
end

local function refuse_name(event, why)
	event.origin.send(st.error_reply(event.stanza, "modify", "not-acceptable", why, event.room.jid));
	return true;
end

-- Before Jitsi's modules.
module:hook("muc-occupant-pre-join", function (event)
	local occupant = event.occupant;
	if jid.host(occupant.bare_jid) ~= participants or is_name(jid.resource(occupant.nick)) then return; end
	return refuse_name(event, "Not a name that clients use");
end, 1000);

-- To Jicofo, a participant who changes their name leaves and joins.
module:hook("muc-occupant-pre-change", function (event)
	if event.dest_occupant.nick == event.orig_occupant.nick then return; end
	return refuse_name(event, "Names do not change");
end, 1000);

module:hook("muc-pre-set-role", function (event)
	if event.actor ~= true and event.occupant.bare_jid == focus then
		event.allowed, event.error, event.condition = false, "cancel", "not-allowed";
		return true;
	end
end, 1000);

local function refuse(event, why)
	local session, stanza = event.origin, event.stanza;
	if jid.host(stanza.attr.from) ~= participants then return; end
	session.send(st.error_reply(stanza, "cancel", "not-allowed", why));
	return true;
end

-- Reserving a name removes its present owner with the rights of the room, and keeps Jicofo out when it returns. No client does
-- it.
local function refuse_reservation(event)
	return refuse(event, "Names are not reserved");
end

-- A host that is excluded is Jicofo's, or everybody's.
local function check_administration(event)
	for item in event.stanza.tags[1]:childtags() do
		local user, host = jid.split(item.attr.jid);
		if item.attr.nick and item.attr.affiliation then return refuse_reservation(event); end
		if item.attr.affiliation and (not user or host ~= participants) then
			return refuse(event, "Not an address of a participant");
		end
	end
end

for _, kind in ipairs({ "bare", "host" }) do
	module:hook("iq/" .. kind .. "/jabber:iq:register:query", refuse_reservation, 1000);
	module:hook("iq-set/" .. kind .. "/http://jabber.org/protocol/muc#admin:query", check_administration, 1000);
end
