/** A folder of convoke's own, beside that of Jitsi's modules. */
export const MODULES_FOLDER = '/etc/convoke/prosody-modules';

/** Modules of Prosody for meetings of members, by name: what Jitsi's packages leave open. */
export const MEMBERS_MODULES: Readonly<Record<string, string>> = {
  convoke_conferences_over_http: `-- The focus opens any room for whoever is logged in and asks in XMPP. Requests over HTTP are looked at one by one, and the
-- client makes no others: so none is let through here. Loaded where participants log in.
local st = require "util.stanza";

local function refuse(event)
	local origin, stanza = event.origin, event.stanza;
	if not stanza:get_child("conference", "http://jitsi.org/protocol/focus") then return; end
	origin.send(st.error_reply(stanza, "auth", "forbidden", "Conferences are asked for over HTTP"));
	return true;
end

for _, kind in ipairs({ "bare", "full", "host" }) do
	module:hook("pre-iq/" .. kind, refuse, 100);
end
`,
  convoke_moderators: `-- Who has a token that says so is a moderator. Loaded where meetings are.
module:hook("muc-occupant-joined", function (event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	if not user or tostring(user.moderator) ~= "true" then return; end
	event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
end, 2);
`,
};

/** Where Prosody's Lua looks before it looks among Debian's. */
export const LUA_LIBRARIES_FOLDER = '/usr/local/share/lua/5.4';

/** Libraries that Jitsi's modules for tokens need: plain Lua, which Debian 13 installs for versions that Prosody is not run with. */
export const LUA_LIBRARIES = ['basexx', 'inspect'] as const;

/** The library as Debian has it, of whichever version. */
export const debianLibrary = (
  name: string,
): string => `for _, version in ipairs({ "5.4", "5.3", "5.2", "5.1" }) do
	local library = loadfile("/usr/share/lua/" .. version .. "/${name}.lua")
	if library then return library() end
end
error("Debian's lua-${name} is not installed")
`;
