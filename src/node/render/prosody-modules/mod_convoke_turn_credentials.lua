-- Gives each participant its own TURN credentials, in the format of coturn's use-auth-secret.
local base64 = require "prosody.util.encodings".base64;
local filters = require "prosody.util.filters";
local hashes = require "prosody.util.hashes";
local json = require "prosody.util.json";
local st = require "prosody.util.stanza";

local secret = assert(module:get_option_string("convoke_turn_secret"), "convoke_turn_secret must be set");
local ttl = module:get_option_integer("convoke_turn_ttl", 86400);
local names_of_a_link = module:get_option_integer("convoke_turn_names_of_a_link", 12);
local names_of_a_network = module:get_option_integer("convoke_turn_names_of_a_network", 60);

local metadata_host = "metadata." .. module.host;

-- The owner of a session's names, and the number of names: its invitation, or its network, which the edge names.
local function owner_of(session)
	local user = session.jitsi_meet_context_user;
	if user and user.id then return "link " .. tostring(user.id), names_of_a_link; end
	return "network " .. tostring(session.convoke_network), names_of_a_network;
end

-- Sessions per name, by owner.
local taken = {};

-- The name with the fewest sessions; the first of several, so that a released name is used again.
local function take_name(session)
	local owner, most = owner_of(session);
	local sessions = taken[owner] or {};
	taken[owner] = sessions;
	local best = 1;
	for n = 2, most do
		if (sessions[best] or 0) == 0 then break; end
		if (sessions[n] or 0) < sessions[best] then best = n; end
	end
	sessions[best] = (sessions[best] or 0) + 1;
	session.convoke_turn = { owner = owner, number = best };
end

module:hook("resource-unbind", function (event)
	local own = event.session.convoke_turn;
	if not own then return; end
	event.session.convoke_turn = nil;
	local sessions = taken[own.owner];
	if not sessions then return; end
	sessions[own.number] = (sessions[own.number] or 1) - 1;
	for _, count in pairs(sessions) do
		if count > 0 then return; end
	end
	taken[own.owner] = nil;
end);

-- A keyed hash, which does not reveal the link or address.
local function username_of(session)
	if not session.convoke_turn then take_name(session); end
	local own = session.convoke_turn;
	local name = hashes.hmac_sha256(secret, string.format("name %d of %s", own.number, own.owner), true);
	return string.format("%d:%s", os.time() + ttl, name:sub(1, 16));
end

local function fill(services, session)
	for _, service in ipairs(services) do
		if service.type == "turns" then
			service.username = username_of(session);
			service.password = base64.encode(hashes.hmac_sha1(secret, service.username));
		end
	end
end

-- For participants that query (XEP-0215).
local function answer(event)
	fill(event.services, event.origin);
end
module:hook("external_service/services", answer);
module:hook("external_service/credentials", answer);

-- For participants that log in: Jitsi's module jiconop, until the releases of spring 2026.
local function at_login(stanza, session)
	if not stanza:get_child("services", "urn:xmpp:extdisco:2") then return stanza; end
	local filled = st.clone(stanza);
	local services = {};
	for service in filled:get_child("services", "urn:xmpp:extdisco:2"):childtags("service") do
		services[#services + 1] = service.attr;
	end
	fill(services, session);
	return filled;
end

-- For participants that join: Jitsi's room metadata component, in later releases.
local function at_join(stanza, session)
	local message = stanza:get_child("json-message", "http://jitsi.org/jitmeet");
	local text = message and message:get_text();
	if not text or not text:find('"services"', 1, true) then return stanza; end
	local content = json.decode(text);
	local services = type(content) == "table" and type(content.metadata) == "table" and content.metadata.services;
	if type(services) ~= "table" then return stanza; end
	fill(services, session);
	local filled = st.clone(stanza);
	local element = filled:get_child("json-message", "http://jitsi.org/jitmeet");
	for n = #element, 1, -1 do element[n] = nil; end
	element:text(json.encode(content));
	return filled;
end

-- Both request services without naming the participant.
local function on_the_way(stanza, session)
	if stanza.name ~= "message" or session.host ~= module.host then return stanza; end
	if stanza.attr.from == module.host then return at_login(stanza, session); end
	if stanza.attr.from == metadata_host then return at_join(stanza, session); end
	return stanza;
end

-- Before smacks (-999) stores what it may have to send again.
local function on_session(session)
	filters.add_filter(session, "stanzas/out", on_the_way, -100);
end
filters.add_filter_hook(on_session);

function module.unload()
	filters.remove_filter_hook(on_session);
end
