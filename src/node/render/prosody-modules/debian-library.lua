-- Loads Debian's library of the same name, whichever Lua version it is installed for.
local name = ...;
for _, version in ipairs({ "5.4", "5.3", "5.2", "5.1" }) do
	local library = loadfile("/usr/share/lua/" .. version .. "/" .. name .. ".lua");
	if library then return library(); end
end
error("Debian's lua-" .. name .. " is not installed");
