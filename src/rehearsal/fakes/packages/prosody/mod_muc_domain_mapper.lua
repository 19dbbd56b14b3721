-- Maps a tenant's room, which clients address as name@conference.tenant.domain, to [tenant]name@conference.domain.
local filters = require "util.filters";
local jid = require "util.jid";

local base = module:get_option_string("muc_mapper_domain_base");
local prefix = module:get_option_string("muc_mapper_domain_prefix", "conference") .. ".";

local function inside(address)
	local name, host, nick = jid.split(address);
	if not host or host:sub(1, #prefix) ~= prefix or host:sub(-#base - 1) ~= "." .. base then return address; end
	local tenant = host:sub(#prefix + 1, -#base - 2);
	if tenant == "" then return address; end
	return jid.join(name and "[" .. tenant .. "]" .. name, prefix .. base, nick);
end

local function outside(address)
	local name, host, nick = jid.split(address);
	local tenant, rest = (host == prefix .. base and name or ""):match("^%[([^%]]+)%](.+)$");
	return tenant and jid.join(rest, prefix .. tenant .. "." .. base, nick) or address;
end

local function map(change, which)
	return function (stanza)
		if stanza.attr and stanza.attr[which] then stanza.attr[which] = change(stanza.attr[which]); end
		return stanza;
	end
end

filters.add_filter_hook(function (session)
	filters.add_filter(session, "stanzas/in", map(inside, "to"));
	filters.add_filter(session, "stanzas/out", map(outside, "from"));
end);
