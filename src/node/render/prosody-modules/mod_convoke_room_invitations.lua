-- Rooms deliver invitations and refusals of them to any address, with everything that the sender adds: to participants of other
-- meetings and to daemons, in the room's name. Clients use this for one purpose: moderators let participants in from the lobby.
-- Only that is possible. Loaded on the participants' host.
local jid = require "util.jid";
local st = require "util.stanza";

local MUC_USER = "http://jabber.org/protocol/muc#user";
local main_muc = module:get_option_string("main_muc");
local lobby_muc = module:get_option_string("lobby_muc");

local function room_at(host, address)
	local muc = prosody.hosts[host] and prosody.hosts[host].modules.muc;
	return muc and muc.get_room_from_jid(jid.join(jid.node(address), host));
end

-- Whether all of them, and each once, wait in the lobby of this meeting.
local function all_wait(room, addresses)
	local lobby = room_at(lobby_muc, room);
	local seen = {};
	for _, address in ipairs(addresses) do
		if not lobby or seen[address] or not lobby:get_occupant_by_real_jid(address) then return false; end
		seen[address] = true;
	end
	return true;
end

local function is_acceptable(stanza)
	local invited, others = {}, #stanza.tags > 1;
	for x in stanza:childtags("x", MUC_USER) do
		for request in x:childtags() do
			if request.name == "invite" and request.attr.to then invited[#invited + 1] = request.attr.to;
			else others = true; end
		end
	end
	return not others and jid.host(stanza.attr.to) == main_muc and all_wait(stanza.attr.to, invited);
end

local function check(event)
	local session, stanza = event.origin, event.stanza;
	local x = session.type == "c2s" and stanza.attr.type ~= "groupchat" and stanza:get_child("x", MUC_USER);
	if not x or (not x:get_child("invite") and not x:get_child("decline")) or is_acceptable(stanza) then return; end
	module:log("info", "refused an invitation");
	if stanza.attr.type ~= "error" then
		session.send(st.error_reply(stanza, "cancel", "not-allowed", "Only participants in the lobby can be invited"));
	end
	return true;
end

for _, kind in ipairs({ "bare", "full", "host" }) do
	module:hook("pre-message/" .. kind, check, -1); -- after Jitsi's muc_domain_mapper, which rewrites addresses with a tenant
end
