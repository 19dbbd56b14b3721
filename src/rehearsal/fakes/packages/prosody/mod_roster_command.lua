-- prosodyctl mod_roster_command subscribe OWNER CONTACT
local rostermanager = require "core.rostermanager";
local usermanager = require "core.usermanager";
local jid = require "util.jid";

local function subscribe(owner, contact)
	local user, host = jid.split(owner);
	if not user or not prosody.hosts[host] then return; end
	usermanager.initialize_host(host);
	local roster = rostermanager.load_roster(user, host);
	roster[contact] = { subscription = "both", groups = {} };
	rostermanager.save_roster(user, host, roster);
end

function module.command(arg)
	if arg[1] ~= "subscribe" or not arg[3] then
		print("Usage: prosodyctl mod_roster_command subscribe JID JID");
		return 1;
	end
	subscribe(jid.prep(arg[2]), jid.prep(arg[3]));
	subscribe(jid.prep(arg[3]), jid.prep(arg[2]));
	return 0;
end
