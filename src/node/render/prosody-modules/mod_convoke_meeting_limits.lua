-- Jitsi's modules keep breakout rooms, answers to polls and statistics of speakers for as long as a meeting lasts, and send
-- all of them to everybody who joins, or to all whenever one changes. Few of them are limited, and Prosody does nothing else
-- meanwhile. Loaded on the participants' host and on the conference component.
local jid = require "util.jid";
local json = require "util.json";
local st = require "util.stanza";

local limits = module:get_option("convoke_meeting_limits");

-- Statistics of participants who left. Those of participants who did not speak are removed first.
local function forget(event)
	local room = event.room;
	local all = room.speakerStats; -- Jitsi's speakerstats_component keeps them there, by full address
	if not all then return; end
	local left, silent = {}, {};
	for address, own in pairs(all) do
		if type(own) == "table" and not room:get_occupant_by_real_jid(address) then
			left[#left + 1] = address;
			if (own.totalDominantSpeakerTime or 0) == 0 then silent[#silent + 1] = address; end
		end
	end
	if #left <= limits.left then return; end
	for _, address in ipairs(#left - #silent <= limits.left and silent or left) do all[address] = nil; end
end

if module:get_host_type() == "component" then
	module:hook("muc-occupant-joined", forget); -- before speakerstats_component (-1)
	return;
end

local main_muc = module:get_option_string("main_muc");
local breakout_muc = module:get_option_string("breakout_rooms_muc");
local polls = "polls." .. module.host;
local metadata = "metadata." .. module.host;
local moderation = "avmoderation." .. module.host;
local statistics = "speakerstats." .. module.host;
-- "conference.TENANT.example.org"
local function literally(text) return (text:gsub("%p", "%%%0")); end
local tenant_hosts = ("^%s(.+)%%.%s$"):format(literally(main_muc:sub(1, -#module.host - 1)), literally(module.host));
local JITSI = "http://jitsi.org/jitmeet";

local function rooms_of(host)
	return prosody.hosts[host] and prosody.hosts[host].modules.muc;
end

-- As Jitsi's modules find it: by the room and the tenant in the address of the WebSocket or BOSH request.
local function meeting_of(session)
	local room, tenant = session.jitsi_web_query_room, session.jitsi_web_query_prefix;
	if type(room) ~= "string" or not rooms_of(main_muc) then return; end
	local name = tenant and tenant ~= "" and ("[%s]%s"):format(tenant, room) or room;
	return rooms_of(main_muc).get_room_from_jid(jid.join(name, main_muc));
end

local function is_in(room, address)
	if room:get_occupant_by_real_jid(address) then return true; end
	for breakout in pairs(room._data.breakout_rooms or {}) do
		local there = rooms_of(breakout_muc).get_room_from_jid(breakout);
		if there and there:get_occupant_by_real_jid(address) then return true; end
	end
end

-- Why a request to the component of breakout rooms is refused.
local function breakout_refusal(request, room)
	if not room then return; end
	local kind = (request.attr.type or ""):match("^features/breakout%-rooms/(.*)$");
	if #(request.attr.subject or "") > limits.name then return "Too long a name"; end
	if kind == "add" then
		local count = 0;
		for _ in pairs(room._data.breakout_rooms or {}) do count = count + 1; end
		if count >= limits.breakout_rooms then return "Too many breakout rooms"; end
	elseif kind == "move-to-room" and not is_in(room, request.attr.participantJid) then
		-- Jitsi's module would send the request to any participant of any meeting.
		return "Not a participant of this meeting";
	end
end

local function poll_refusal(room)
	if not room then return; end
	room.convoke_polls = (room.convoke_polls or 0) + 1;
	if room.convoke_polls > limits.polls then return "Too many answers to polls"; end
end

local function has_name(values, name)
	return type(values) == "table" and name ~= nil and values[name] ~= nil;
end

-- The room at an address as clients write it, with the tenant in the host.
local function room_at(address)
	local name, host = jid.split(address);
	if not name then return; end
	local tenant = host ~= main_muc and host ~= breakout_muc and host:match(tenant_hosts);
	if tenant then name, host = ("[%s]%s"):format(tenant, name), main_muc; end
	return (host == main_muc or host == breakout_muc) and rooms_of(host).get_room_from_jid(jid.join(name, host));
end

local function metadata_refusal(request)
	local text, room = request:get_text() or "", room_at(request.attr.room);
	if #text > limits.metadata_value then return "Too much metadata"; end
	local change = json.decode(text);
	if not room or type(change) ~= "table" or has_name(room.jitsiMetadata, change.key) then return; end
	local count = 0;
	for _ in pairs(room.jitsiMetadata or {}) do count = count + 1; end
	if count >= limits.metadata then return "Too much metadata"; end
end

-- Jitsi's module would add an address as often as a moderator permits it to speak, and send all of them to the moderators.
local function moderation_refusal(request, room)
	local permitted = room and room.av_moderation and room.av_moderation[request.attr.mediaType];
	for _, address in ipairs(permitted or {}) do
		if address == request.attr.jidToWhitelist then return "Is permitted already"; end
	end
end

-- Nobody shows them here: the page does not detect expressions of faces.
local function landmarks_refusal()
	return "Expressions of faces are not kept";
end

-- Why a message to a service of the meeting is refused, by the service's address and the element in the message.
local REFUSALS = {
	{ breakout_muc, "breakout_rooms", nil, breakout_refusal },
	{ metadata, "room_metadata", JITSI, metadata_refusal },
	{ moderation, "av_moderation", nil, moderation_refusal },
	{ statistics, "faceLandmarks", JITSI, landmarks_refusal },
};

local function refusal(stanza, room)
	local to = jid.host(stanza.attr.to); -- services answer at addresses with a resource too
	if to == polls then return poll_refusal(room); end
	for _, service in ipairs(REFUSALS) do
		local address, name, namespace, refuse = table.unpack(service, 1, 4);
		local request = to == address and stanza:get_child(name, namespace);
		if request then return refuse(request, room); end
	end
end

module:hook("pre-message/host", function (event)
	local session, stanza = event.origin, event.stanza;
	local why = session.type == "c2s" and refusal(stanza, meeting_of(session));
	if not why then return; end
	module:log("info", "refused a message to %s: %s", stanza.attr.to, why);
	if stanza.attr.type ~= "error" then session.send(st.error_reply(stanza, "cancel", "policy-violation", why)); end
	return true;
end, 900); -- after convoke_own_meeting
